import Addresses
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
        #expect(try member(fixture)?.signing.entries == [Signing.Entry(Signing.Key(secret))])
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
        draft.rate = "50/s"
        draft.ordering = "customer"
        draft.allow = ["10.0.0.0/8", "fd00::/8"]
        draft.proxy = "http://proxy.example:3128"
        draft.caFile = "/etc/ca.pem"
        draft.clientCert = "/etc/cert.pem"
        draft.clientKey = "/etc/key.pem"
        let receipt = try Subscriber(fixture.spool).subscribe(draft, replacing: false)
        #expect(receipt.newSecret == nil)
        let subscription = try #require(try member(fixture))
        #expect(subscription.events.map(\.description) == ["invoice.processed", "*"])
        #expect(subscription.signing.isEmpty)
        #expect(subscription.timeout == .seconds(3))
        #expect(subscription.retry.waits == [.seconds(5), .seconds(60)])
        #expect(subscription.concurrency == 7)
        #expect(subscription.rate?.text == "50/s" && subscription.ordering == .customer)
        #expect(subscription.route.addresses == AddressGuard(allowing: try draft.allow.map { try AddressBlock($0) }))
        #expect(subscription.route.proxy == draft.proxy && subscription.caFile == draft.caFile)
        #expect(subscription.route.clientCert == draft.clientCert && subscription.route.clientKey == draft.clientKey)
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
        let key = try Signing.Key(try #require(first.newSecret))
        #expect(try member(fixture)?.signing.entries == [Signing.Entry(key)])
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

    @Test("an event that nobody raises is refused, with the one that was meant")
    func misspeltEvent() throws {
        let fixture = try SpoolFixture()
        for (event, meant) in [
            ("invoice.procesed", "Did you mean invoice.processed?"), ("order.*", "There are invoice.p"),
        ] {
            var draft = draft()
            draft.events = [event]
            let error = #expect(throws: OperateError.self) {
                try Subscriber(fixture.spool).subscribe(draft, replacing: false)
            }
            #expect(error?.description.contains("There is no event \(event). \(meant)") == true)
        }
        #expect(try fixture.names(fixture.spool.subscriptions).isEmpty)
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
        #expect(try member(fixture)?.signing.entries == [Signing.Entry(Signing.Key(secret))])
    }

    @Test("one that is replaced keeps all its keys, with their times")
    func keepsList() throws {
        let fixture = try SpoolFixture()
        let list = """
            ["\(SigningSecret.generate())",
              {"secret": "\(SigningKeyPair.generate())", "not_before": "2026-01-01T00:00:00Z"}]
            """
        let content = #"{"url": "http://127.0.0.1:9/", "secret": \#(list), "timeout": "1s"}"#
        try fixture.scratch.write(content, to: "spool/subscriptions/erp.json")
        let before = try #require(try member(fixture)?.signing)
        let receipt = try Subscriber(fixture.spool).subscribe(draft(), replacing: true)
        #expect(receipt.keptSecret && receipt.newSecret == nil && receipt.publicKeys == before.publicKeys)
        #expect(try member(fixture)?.signing == before)
        #expect(try member(fixture)?.timeout == Subscription.standardTimeout)
    }

    @Test("a key pair stays in the file, and its public half is told")
    func keyPair() throws {
        let fixture = try SpoolFixture()
        var draft = draft()
        draft.secret = .newPair
        let receipt = try Subscriber(fixture.spool).subscribe(draft, replacing: false)
        #expect(receipt.newSecret == nil)
        let key = try #require(receipt.publicKeys.first)
        #expect(key.hasPrefix("whpk_"))
        #expect(try member(fixture)?.signing.publicKeys == [key])
    }

    @Test("conditions end in the file as the daemon reads them, and bad ones are refused with their place")
    func match() throws {
        let fixture = try SpoolFixture()
        var draft = draft()
        draft.match = #"{"data": {"currency": "EUR"}}"#
        _ = try Subscriber(fixture.spool).subscribe(draft, replacing: false)
        #expect(try member(fixture)?.match?.json == Array(#"{"data":{"currency":"EUR"}}"#.utf8))
        for (match, part) in [
            (#"{"data": "#, "--match"), (#"{"data": {"total_cents": {"$gtt": 1}}}"#, "`match.data.total_cents.$gtt`"),
        ] {
            draft.match = match
            let error = #expect(throws: OperateError.self) {
                try Subscriber(fixture.spool).subscribe(draft, replacing: true)
            }
            #expect(error?.kind == .data && error?.description.contains(part) == true)
        }
    }
}
