import Foundation
import TestSupport
import Testing

@Suite(
    "A move that the disk refuses", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct RefusedMoveTests {
    @Test("is made later, and what was recorded before it is not recorded once more")
    func settled() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        try spool.submit("k")
        let log = spool.scratch.path("daemon.log")
        // The first rename of that name is its claim.
        let fault = ["-e", "trace=renameat2", "-e", "inject=renameat2:error=EIO:when=2", "-P", "k.json"]
        let options = ["-f", "-qq", "-e", "signal=none", "-o", spool.scratch.path("trace")] + fault
        let command = [Binary.billhook, "run", "--drain", "--lanes", "1", "--spool", spool.path]
        let strace = try #require(Binary.strace)
        #expect(try Spawn(strace, options + command, output: log, errors: log).wait() == 0)
        #expect(spool.scratch.text("trace").contains("(INJECTED)"))
        #expect(try spool.attempts("k", in: "done").map(\.outcome) == ["delivered"])
        #expect(receiver.calls.count == 1)
        // A second record would have been in the way of the first.
        #expect(spool.names("archive").isEmpty)
    }
}
