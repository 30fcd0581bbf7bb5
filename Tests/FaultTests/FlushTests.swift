import Foundation
import TestSupport
import Testing

/// What a power cut must not undo is flushed, down to the directories: read off the program's system calls.
@Suite(
    "A directory that something new stands in is flushed", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct FlushTests {
    /// The directories that a run flushes, in order, as paths below the scratch directory.
    private func flushed(_ spool: TestSpool, _ arguments: [String]) throws -> [String] {
        let trace = spool.scratch.path("trace")
        let output = spool.scratch.path("out")
        unlink(trace)
        let strace = try #require(Binary.strace)
        let status = try Spawn(
            strace,
            ["-f", "-qq", "-y", "-e", "trace=fsync", "-o", trace, Binary.billhook] + arguments
                + ["--spool", spool.path], output: output, errors: output
        ).wait()
        #expect(status == 0, "\(spool.scratch.text("out"))")
        return spool.scratch.text("trace").split(separator: "\n").compactMap { line in
            guard let start = line.firstIndex(of: "<"), let end = line.firstIndex(of: ">") else { return nil }
            let path = line[line.index(after: start)..<end]
            return path.hasPrefix(spool.scratch.path) ? String(path.dropFirst(spool.scratch.path.utf8.count + 1)) : nil
        }
    }

    @Test("when a spool is made, and those above it that are new")
    func made() throws {
        let spool = try TestSpool(path: "a/b/spool")
        let paths = try flushed(spool, ["init"])
        for path in ["", "a", "a/b", "a/b/spool", "a/b/spool/.billhook"] {
            #expect(paths.contains(path), "\(path) in \(paths)")
        }
        // A crash may have come before it was flushed, so the last one is flushed again; those above it stand.
        try FileManager.default.removeItem(atPath: spool.path(".billhook"))
        let again = try flushed(spool, ["init"])
        #expect(again.contains("a/b") && !again.contains("a"))
    }

    @Test(
        "when a day is new in the archive: the day, the archive, and then what was left", arguments: ["run", "archive"])
    func archived(command: String) throws {
        let spool = try TestSpool()
        try spool.submit("k")
        _ = try flushed(spool, ["run", "--drain"])
        let options = ["--idempotency-window", "1ms"] + (command == "run" ? ["--drain"] : [])
        let paths = try flushed(spool, [command] + options)
        let day = try #require(spool.names("archive").first)
        let last = paths.filter { ["spool/archive/\(day)", "spool/archive", "spool/done"].contains($0) }.suffix(3)
        #expect(last == ["spool/archive/\(day)", "spool/archive", "spool/done"])
    }
}
