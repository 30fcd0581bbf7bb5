import Foundation
import TestSupport
import Testing

/// What is flushed at once: read off the program's system calls, on a file system of its own.
@Suite(
    "Many requests share their flushes", .serialized,
    .enabled(if: Binary.canTrace && PowerCutVolume.objection(to: .ext4) == nil, "strace, or root, is missing"))
struct WholeFlushTests {
    private static let count = 200

    /// How often a run calls `fsync(2)` and `syncfs(2)`.
    private func flushes(_ scratch: ScratchDirectory, _ arguments: [String]) throws -> (each: Int, whole: Int) {
        let (trace, output) = (scratch.path("trace"), scratch.path("out"))
        unlink(trace)
        let strace = try #require(Binary.strace)
        let status = try Spawn(
            strace, ["-f", "-qq", "-e", "trace=fsync,syncfs", "-o", trace, Binary.billhook] + arguments,
            output: output, errors: output
        ).wait()
        #expect(status == 0, "\(scratch.text("out"))")
        let lines = scratch.text("trace").split(separator: "\n")
        return (lines.count { $0.contains(" fsync(") }, lines.count { $0.contains(" syncfs(") })
    }

    @Test("when they are submitted, and when they are worked off")
    func shared() throws {
        let scratch = try ScratchDirectory()
        let volume = try PowerCutVolume(.ext4, in: scratch)
        let spool = volume.path + "/spool"
        let lines = (0..<WholeFlushTests.count).map {
            #"{"idempotency_key":"k-\#($0)","customer_id":"c-1","amount_cents":100}"# + "\n"
        }
        try scratch.write(lines.joined(), to: "lines")
        _ = try flushes(scratch, ["init", "--spool", spool])
        let submitting = try flushes(scratch, ["submit", "--jsonl", scratch.path("lines"), "--spool", spool])
        #expect(submitting.whole >= 1 && submitting.each <= 12, "\(submitting)")
        let draining = try flushes(scratch, ["run", "--drain", "--spool", spool])
        // Each of them has three files and three directories to be flushed; what a life before left is flushed at the start.
        #expect(draining.whole >= 3 && draining.each + draining.whole <= WholeFlushTests.count, "\(draining)")
        let done = try FileManager.default.contentsOfDirectory(atPath: spool + "/done").count { $0.hasSuffix(".json") }
        #expect(done == WholeFlushTests.count)
    }
}
