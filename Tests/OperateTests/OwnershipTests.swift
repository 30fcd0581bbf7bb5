import Files
import Foundation
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("What root makes in a spool that another user serves", .enabled(if: getuid() == 0, "needs chown"))
struct OwnershipTests {
    private static let user: UInt32 = 65_534

    /// A spool of somebody else's.
    private func fixture() throws -> SpoolFixture {
        let fixture = try SpoolFixture()
        let root = fixture.scratch.path("spool")
        for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: root)) {
            try #require(chown("\(root)/\(name)", Self.user, Self.user) == 0)
        }
        return fixture
    }

    private func owner(_ fixture: SpoolFixture, _ name: String) throws -> [UInt32] {
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.scratch.path("spool/\(name)"))
        let owner = [attributes[.ownerAccountID], attributes[.groupOwnerAccountID]]
        return owner.compactMap { ($0 as? NSNumber)?.uint32Value }
    }

    @Test("a subscription is that user's, and stays so when it is replaced")
    func subscription() throws {
        let fixture = try fixture()
        let draft = SubscriptionDraft(name: "shop", url: "https://shop.example/hook")
        for isReplacing in [false, true] {
            _ = try Subscriber(fixture.spool).subscribe(draft, replacing: isReplacing)
            #expect(try owner(fixture, "subscriptions/shop.json") == [Self.user, Self.user])
        }
    }

    @Test("a request is that user's")
    func request() throws {
        let fixture = try fixture()
        _ = try Submitter(fixture.spool).submit(fixture.submission("a"))
        #expect(try owner(fixture, "incoming/a.json") == [Self.user, Self.user])
    }

    @Test("a day's folder in the archive is, and the lock")
    func archive() throws {
        let fixture = try fixture()
        try fixture.putProcessed("a", .done)
        let moment = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)
        let result = try Archivist.archive(fixture.spool, window: .seconds(1), now: moment, dryRun: false)
        #expect(result.archived.map(\.name) == ["a"])
        let day = try #require(try fixture.names(fixture.spool.archive).first)
        #expect(try owner(fixture, "archive/\(day)") == [Self.user, Self.user])
        #expect(try owner(fixture, ".billhook/lock") == [Self.user, Self.user])
    }

    @Test("a spool that is made in that user's directory is")
    func spool() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path("spool")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try #require(chown(path, Self.user, Self.user) == 0)
        _ = try SpoolAccess.create(FilePath(path))
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            #expect((attributes[.ownerAccountID] as? NSNumber)?.uint32Value == Self.user, "\(name)")
        }
    }

    @Test("check tells of a subscription, or a secret, that root may read and that user may not")
    func check() throws {
        let fixture = try fixture()
        try fixture.subscribe("a")
        try fixture.scratch.write(
            #"{"url":"http://127.0.0.1:9/","secret_file":"b.secret"}"#, to: "spool/subscriptions/b.json")
        try fixture.scratch.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", to: "spool/subscriptions/b.secret")
        let folder = fixture.scratch.path("spool/subscriptions")
        for name in ["a.json", "b.secret"] { try #require(chmod("\(folder)/\(name)", 0o600) == 0) }
        let found = try CheckSurroundings(spool: fixture.spool).findings().filter {
            $0.code == "unreadable_subscription"
        }
        #expect(found.map(\.path) == ["subscriptions/a.json", "subscriptions/b.json"])
        #expect(found.last?.advice.hasSuffix("/subscriptions/b.secret") == true)
        for name in ["a.json", "b.secret"] { try #require(chown("\(folder)/\(name)", Self.user, Self.user) == 0) }
        let left = try CheckSurroundings(spool: fixture.spool).findings()
        #expect(!left.contains { $0.code == "unreadable_subscription" })
    }
}
