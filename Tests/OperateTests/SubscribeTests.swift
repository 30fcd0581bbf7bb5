import Deliver
import Files
import Foundation
import Operate
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Subscribing")
struct SubscribeTests {
    private func draft(_ name: String = "erp") -> SubscriptionDraft {
        SubscriptionDraft(name: name, url: "https://shop.example/hook")
    }

    private func member(_ fixture: SpoolFixture, _ name: String = "erp") throws -> Subscription? {
        try SubscriptionFolder.read(fixture.spool).subscriptions[name]?.get()
    }

    @Test("a subscription gets a secret of its own, in a file that only its owner may read")
    func secret() throws {
        let fixture = try SpoolFixture()
        let receipt = try Subscriber(fixture.spool).subscribe(draft(), replacing: false)
        let secret = try #require(receipt.newSecret)
        #expect(try member(fixture)?.secret == SigningSecret(secret))
        let attributes = try FileManager.default.attributesOfItem(atPath: receipt.path.string)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test("every option ends in the file, as the daemon reads it")
    func options() throws {
        let fixture = try SpoolFixture()
        var draft = draft()
        draft.events = ["invoice.processed", "*"]
        draft.secret = .none
        draft.timeout = "3s"
        draft.retry = ["5s", "1m"]
        draft.concurrency = 7
        draft.headers = [("X-Token", "a \"b\"")]
        let receipt = try Subscriber(fixture.spool).subscribe(draft, replacing: false)
        #expect(receipt.newSecret == nil)
        let subscription = try #require(try member(fixture))
        #expect(subscription.events.map(\.description) == ["invoice.processed", "*"])
        #expect(subscription.secret == nil)
        #expect(subscription.timeout == .seconds(3))
        #expect(subscription.retry.waits == [.seconds(5), .seconds(60)])
        #expect(subscription.concurrency == 7)
        #expect(subscription.headers == [HeaderField(name: "X-Token", value: "a \"b\"")])
    }

    @Test("a name that is taken is refused, and the file that stands is not touched")
    func taken() throws {
        let fixture = try SpoolFixture()
        let first = try Subscriber(fixture.spool).subscribe(draft(), replacing: false)
        let before = try fixture.scratch.read("spool/subscriptions/erp.json")
        let error = #expect(throws: OperateError.self) {
            try Subscriber(fixture.spool).subscribe(draft(), replacing: false)
        }
        #expect(error?.kind == .cannotCreate)
        #expect(try fixture.scratch.read("spool/subscriptions/erp.json") == before)
        #expect(first.replaced == false)
    }

    @Test("one that is replaced keeps its secret, so that its receiver goes on verifying")
    func replaced() throws {
        let fixture = try SpoolFixture()
        let first = try Subscriber(fixture.spool).subscribe(draft(), replacing: false)
        var second = draft()
        second.timeout = "4s"
        let receipt = try Subscriber(fixture.spool).subscribe(second, replacing: true)
        #expect(receipt.replaced)
        #expect(receipt.keptSecret)
        #expect(receipt.newSecret == nil)
        let secret = try SigningSecret(try #require(first.newSecret))
        #expect(try member(fixture)?.secret == secret)
        #expect(try member(fixture)?.timeout == .seconds(4))
    }

    @Test("a bad field is refused with its name and the fix, and without the secret")
    func refused() throws {
        let fixture = try SpoolFixture()
        var bad = draft()
        bad.secret = .given("whsec_c2hvcnQ=")
        let error = #expect(throws: OperateError.self) {
            try Subscriber(fixture.spool).subscribe(bad, replacing: false)
        }
        #expect(error?.kind == .data)
        #expect(error?.description.contains("`secret`") == true)
        #expect(error?.description.contains("c2hvcnQ") == false)
        for name in ["../up", "", "a/b", ".hidden"] {
            #expect(throws: OperateError.self) {
                try Subscriber(fixture.spool).subscribe(draft(name), replacing: true)
            }
        }
        #expect(try fixture.names(fixture.spool.subscriptions) == [])
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test("a secret in a file is read from there, and a file that is missing is refused")
    func secretFile() throws {
        let fixture = try SpoolFixture()
        let secret = SigningSecret.generate()
        var draft = draft()
        draft.secret = .file(fixture.scratch.path("secret"))
        #expect(throws: OperateError.self) { try Subscriber(fixture.spool).subscribe(draft, replacing: false) }
        try fixture.scratch.write(secret + "\n", to: "secret")
        _ = try Subscriber(fixture.spool).subscribe(draft, replacing: false)
        #expect(try member(fixture)?.secret == SigningSecret(secret))
    }
}
