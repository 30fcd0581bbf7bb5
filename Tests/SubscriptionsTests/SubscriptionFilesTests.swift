import Deliver
import Foundation
import Spool
import Subscriptions
import SystemPackage
import TestSupport
import Testing

@Suite("The files in subscriptions/")
struct SubscriptionFilesTests {
    private let scratch: ScratchDirectory
    private let spool: Spool
    private static let secrets = [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + String(repeating: "A", count: 32),
    ]

    init() throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
    }

    private func put(_ text: String, _ name: String) throws {
        try scratch.write(text, to: "spool/subscriptions/" + name)
    }

    @Test("are subscriptions and pauses; what editors and people leave beside them is not read")
    func snapshot() throws {
        try put(#"{"url":"http://localhost/"}"#, "good.json")
        try put("{", "bad.json")
        for name in [".good.json.swp", "good.json~", ".hidden.json", "notes.txt", "good.disabled"] {
            try put("x", name)
        }
        try put("", "good.paused")
        var files = SubscriptionFiles(spool)
        let snapshot = try files.read()
        #expect(snapshot.subscriptions.keys.sorted() == ["bad", "good"])
        #expect(try snapshot.subscriptions["good"]?.get().url.description == "http://localhost/")
        #expect(throws: SubscriptionError.self) { try snapshot.subscriptions["bad"]?.get() }
        #expect(snapshot.paused == ["good"])
    }

    @Test("are read again when they change, or the secret that they name does, also where that is a symbolic link")
    func changes() throws {
        try scratch.write(Self.secrets[0] + "\n", to: "spool/subscriptions/first.secret")
        try scratch.write(Self.secrets[1] + "\n", to: "second")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("spool/subscriptions/secret"), withDestinationPath: "first.secret")
        try put(#"{"url":"http://localhost/","secret_file":"secret"}"#, "s.json")
        var files = SubscriptionFiles(spool)
        func secret() throws -> SigningSecret? {
            guard case .shared(let secret)? = try files.read().subscriptions["s"]?.get().signing.entries.first?.key
            else {
                return nil
            }
            return secret
        }
        #expect(try secret() == SigningSecret(Self.secrets[0]))
        #expect(try secret() == SigningSecret(Self.secrets[0]))
        // As an orchestrator changes one: another file under the same name.
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("spool/subscriptions/new"), withDestinationPath: scratch.path("second"))
        try #require(
            rename(scratch.path("spool/subscriptions/new"), scratch.path("spool/subscriptions/secret")) == 0)
        #expect(try secret() == SigningSecret(Self.secrets[1]))
        try put(#"{"url":"http://localhost/"}"#, "s.json")
        #expect(try secret() == nil)
    }

    @Test("that name a secret which can't be read say so, and never wait for a FIFO")
    func unreadable() throws {
        try #require(mkfifo(scratch.path("fifo"), 0o600) == 0)
        for path in [scratch.path("fifo"), scratch.path("none"), scratch.path("spool")] {
            let content = #"{"url":"http://localhost/","secret_file":"\#(path)"}"#
            #expect(throws: SubscriptionError.self, "\(path)") {
                try SubscriptionFiles.check("s", Array(content.utf8), in: spool)
            }
        }
    }

    @Test("of which one can't be read do not hide the others")
    func oneUnreadable() throws {
        try put(#"{"url":"http://localhost/"}"#, "good.json")
        try FileManager.default.createDirectory(
            atPath: scratch.path("spool/subscriptions/dir.json"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("spool/subscriptions/link.json"), withDestinationPath: "good.json")
        var files = SubscriptionFiles(spool)
        let snapshot = try files.read()
        #expect(snapshot.subscriptions.count == 3)
        #expect(try snapshot.subscriptions["good"]?.get() != nil)
        for (name, problem) in [
            ("dir", "there is a directory instead of a file"),
            ("link", "the file is a symbolic link, which is not followed"),
        ] {
            let error = #expect(throws: SubscriptionError.self) { try snapshot.subscriptions[name]?.get() }
            #expect(error?.description == "In subscriptions/\(name).json, \(problem); put the file itself there.")
        }
    }
}
