import Foundation
import TestSupport
import Testing

/// strace(1), where it is installed.
enum Tracer {
    static let path = "/usr/bin/strace"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)
}

/// What a producer does in the moment between the daemon's look at a drop and the rename that takes it.
///
/// strace(1) holds each rename of the daemon up for a while, so that the moment is long enough to be met every time.
@Suite("Between the look and the rename", .serialized, .enabled(if: Tracer.isInstalled, "needs strace"))
struct WindowTests {
    private static let other = #"{"customer_id":"other","amount_cents":7}"#

    /// A daemon whose renames take their time.
    private final class SlowDaemon {
        let spool: TestSpool
        let process: Spawn

        init(slow calls: String = "renameat2", by delay: String = "200ms") throws {
            spool = try TestSpool()
            process = try Spawn(
                Tracer.path,
                // -D: the daemon itself is the child, and gets the signals.
                ["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)"]
                    + ["-e", "inject=\(calls):delay_enter=\(delay)", Daemon.binary, "run", "--spool", spool.path]
                    + ["--log-level", "debug"],
                output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
            try eventually("it is ready", orElse: spool.listing()) { log.contains(" ready: ") }
        }

        var log: String { Daemon.log(of: spool) }

        /// Drops a request, and returns once it was opened: the rename is about to come.
        func dropUntilLookedAt(_ key: String) throws {
            try spool.write(TestSpool.request, to: "tmp/\(key)")
            let watch = OpenWatch(spool.path("tmp/\(key)"))
            try spool.move("tmp/\(key)", to: "incoming/\(key).json")
            try eventually("\(key) is looked at", orElse: spool.listing()) { watch.sawOpening }
            try #require(spool.contains("incoming/\(key).json"), "the daemon was not held up")
        }

        /// All is put away, a good request comes through, and it ends as it should.
        func expectHealth() throws {
            try spool.submit("healthy")
            try spool.wait(for: "done/healthy.json", timeout: .seconds(10))
            for place in ["incoming", "processing", ".billhook/aside"] {
                try eventually("\(place)/ is empty", timeout: .seconds(10), orElse: spool.listing()) {
                    spool.names(place).isEmpty
                }
            }
            #expect(!log.contains("the spool refuses work"), "\(log)")
            process.signal(SIGTERM)
            #expect(try process.wait() == 0)
        }

        /// The invoice of a key that is done is of the bytes that stand there.
        func expectInvoiceFits(_ key: String) throws {
            let bytes = try spool.bytes("done/\(key).json")
            let hash = HostileDrop.sha256(bytes)
            #expect(try spool.object("done/\(key).json.invoice").text("request_sha256") == hash, "\(spool.listing())")
        }
    }

    @Test(
        "a drop that turns into something else is neither opened nor billed, and stops nobody",
        arguments: HostileDrop.kinds.filter { $0.fate == .refused && $0.story != "a symlink to /etc/passwd" })
    func turnsHostile(drop: HostileDrop) throws {
        guard !drop.needsRoot || getuid() == 0 else { return }
        let daemon = try SlowDaemon()
        let spool = daemon.spool
        try drop.make(spool, drop.stagingPath(in: spool))
        let watch = OpenWatch(drop.stagingPath(in: spool))
        try daemon.dropUntilLookedAt("k")
        // A directory can't be renamed over a file.
        if drop.story.contains("director") { try spool.remove("incoming/k.json") }
        try check(rename(drop.stagingPath(in: spool), spool.path("incoming/k.json")), "rename")
        try daemon.expectHealth()
        #expect(!watch.sawOpening, "it was opened")
        #expect(!spool.contains("done/k.json"), "it was billed")
        #expect(spool.names("dead").count == 2, "it is in dead/, with the reason: \(spool.listing())")
    }

    @Test("a drop that another one replaces is the one that is billed")
    func replaced() throws {
        let daemon = try SlowDaemon()
        try daemon.dropUntilLookedAt("k")
        try daemon.spool.submit("k", WindowTests.other)
        try daemon.spool.wait(for: "done/k.json")
        try daemon.expectHealth()
        #expect(try daemon.spool.text("done/k.json") == WindowTests.other)
        try daemon.expectInvoiceFits("k")
    }

    @Test("a drop that is written anew in place, as cp does, is billed as it stands, or set apart")
    func overwritten() throws {
        let daemon = try SlowDaemon()
        try daemon.dropUntilLookedAt("k")
        let file = open(daemon.spool.path("incoming/k.json"), O_WRONLY | O_TRUNC)
        try check(file < 0 ? -1 : 0, "open")
        let bytes = Array(WindowTests.other.utf8)
        #expect(write(file, bytes, bytes.count) == bytes.count)
        close(file)
        try eventually("it is put away", orElse: daemon.spool.listing()) {
            daemon.spool.contains("done/k.json") || daemon.spool.contains("dead/k.json")
        }
        try daemon.expectHealth()
        if daemon.spool.contains("done/k.json") { try daemon.expectInvoiceFits("k") }
    }

    @Test("a drop that is removed is forgotten")
    func removed() throws {
        let daemon = try SlowDaemon()
        try daemon.dropUntilLookedAt("k")
        try daemon.spool.remove("incoming/k.json")
        try daemon.expectHealth()
        #expect(daemon.spool.states(of: "k").isEmpty)
        #expect(daemon.spool.names("dead").isEmpty)
    }

    @Test("a FIFO that a good request replaces does not take that to dead/ in its place")
    func turnsGood() throws {
        let daemon = try SlowDaemon()
        let spool = daemon.spool
        try spool.write(TestSpool.request, to: "tmp/good")
        try check(mkfifo(spool.path("tmp/fifo"), 0o666), "mkfifo")
        try spool.move("tmp/fifo", to: "incoming/k.json")
        // Its .error is written first.
        try eventually("it is about to be refused", orElse: spool.listing()) { !spool.names("dead").isEmpty }
        try spool.move("tmp/good", to: "incoming/k.json")
        try eventually("it is put away", orElse: spool.listing()) { spool.names("incoming").isEmpty }
        try daemon.expectHealth()
        #expect(spool.contains("done/k.json"), "a good request was refused: \(spool.listing())")
    }

    @Test("a conflict that another one replaces is not lost", arguments: [true, false])
    func conflictReplaced(byDuplicate: Bool) throws {
        let daemon = try SlowDaemon()
        let spool = daemon.spool
        try spool.submit("k")
        try spool.wait(for: "done/k.json")
        let conflicts = [
            WindowTests.other, byDuplicate ? TestSpool.request : #"{"customer_id":"third","amount_cents":9}"#,
        ]
        try spool.write(conflicts[0], to: "tmp/first")
        try spool.write(conflicts[1], to: "tmp/second")
        try spool.move("tmp/first", to: "incoming/k.json")
        // The first is on its way aside: whatever comes now is another drop, or replaces it before it was taken.
        try eventually("it is set aside", orElse: spool.listing()) { !spool.contains("incoming/k.json") }
        try spool.move("tmp/second", to: "incoming/k.json")
        try eventually("it is put away", orElse: spool.listing()) { spool.names("incoming").isEmpty }
        try daemon.expectHealth()
        let apart = Set(try spool.requests("dead").map { try spool.text("dead/\($0)") })
        #expect(apart == (byDuplicate ? [conflicts[0]] : Set(conflicts)))
        #expect(try spool.text("done/k.json") == TestSpool.request)
    }

    @Test("one junk name that comes back as often as it is taken away stops nobody")
    func sameJunk() throws {
        // So slow is its looking that the next one stands there before: it refuses them all in one go.
        let daemon = try SlowDaemon(slow: "renameat2,newfstatat", by: "20ms")
        let spool = daemon.spool
        var drops = 0
        var returns = 0
        try eventually("it has come back ten times", timeout: .seconds(30), orElse: spool.listing()) {
            let isGone = !spool.contains("incoming/same junk")
            if isGone { returns += 1 }
            if isGone || drops < 40 {
                try spool.write("junk \(drops)", to: "tmp/junk")
                try spool.move("tmp/junk", to: "incoming/same junk")
                drops += 1
            }
            return returns > 10
        }
        try daemon.expectHealth()
    }
}
