import TestSupport
import Testing

/// What strace makes `clone3(2)` answer where a user or a service may have no more processes.
@Suite("Without its threads", .serialized, .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct ThreadTests {
    @Test("the daemon serves nothing, says which is missing, and is to be started again", arguments: 1...4)
    func refused(number: Int) throws {
        let spool = try TestSpool()
        try spool.submit("k")
        let output = spool.scratch.path("daemon.log")
        let strace = try #require(Binary.strace)
        let inject = "inject=clone3:error=EAGAIN:when=\(number)"
        let status = try Spawn(
            strace,
            ["-f", "-qq", "-e", "trace=clone3", "-e", inject, "-o", spool.scratch.path("trace"), Binary.billhook]
                + ["run", "--spool", spool.path], output: output, errors: output
        ).wait(timeout: .seconds(30))
        #expect(status == 75)
        let log = spool.scratch.text("daemon.log")
        #expect(log.contains("No thread can be started for") && !log.contains("ready"))
        #expect(spool.requests("incoming") == ["k.json"])
    }
}
