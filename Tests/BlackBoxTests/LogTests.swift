import Foundation
import TestSupport
import Testing

@Suite("The log", .serialized)
struct LogTests {
    private func start(
        _ spool: TestSpool, _ arguments: [String], through wrapper: [String] = [], errors: FullPipe
    ) throws -> Spawn {
        let run = [Daemon.binary, "run", "--spool", spool.path, "--log-level", "debug", "--durability", "process"]
        let command = wrapper + run + arguments
        return try Spawn(
            command[0], Array(command.dropFirst()), output: spool.scratch.path("daemon.out"), errors: errors.path)
    }

    /// The same, and waits until it has looked at all that stood there: until then it may say of an invoice twice that it was
    /// processed.
    private func startAndSettle(_ spool: TestSpool, through wrapper: [String] = [], errors: FullPipe) throws -> Spawn {
        let daemon = try start(spool, [], through: wrapper, errors: errors)
        try spool.submit("first")
        try spool.wait(for: "done/first.json")
        try spool.waitUntilGone(".billhook/deaths")
        return daemon
    }

    /// Makes the log grow by two lines of some 260 bytes for each of these.
    private func process(_ numbers: Range<Int>, in spool: TestSpool) throws {
        for number in numbers { try spool.submit("k\(number)" + String(repeating: "x", count: 190)) }
        try eventually("all are done", timeout: .seconds(60)) {
            spool.requests("done").count == 1 + numbers.count
        }
    }

    /// Reads on until the daemon has ended; the lines of the log, and how many of them are about its beginning.
    private func read(_ pipe: FullPipe, untilTheEndOf daemon: Spawn) throws -> (lines: [Substring], beginning: Int) {
        try eventually("it ends, and all that time it is read", orElse: String(pipe.read().suffix(500))) {
            _ = pipe.read()
            return daemon.status != nil
        }
        let lines = pipe.lines()
        return (lines, lines.count { $0.contains(" ready: ") || $0.contains(" first: ") })
    }

    @Test("that nobody reads stops neither an invoice nor a signal", arguments: [SIGTERM, SIGINT])
    func unread(signal: Int32) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        let pipe = try FullPipe(spool.scratch.path("errors"))
        let daemon = try start(spool, [], errors: pipe)
        for number in 0..<20 {
            try spool.submit("k\(number)")
            try spool.wait(for: "done/k\(number).json")
        }
        #expect(receiver.calls.count == 20)
        daemon.signal(signal)
        #expect(try daemon.wait() == 0)
        #expect(pipe.isFull)
    }

    @Test("that nobody reads stops no batch job, and its exit code stays")
    func unreadBatchJob() throws {
        let spool = try TestSpool()
        try spool.submit("good")
        try spool.submit("bad", "]")
        let pipe = try FullPipe(spool.scratch.path("errors"))
        let job = try start(spool, ["--drain", "--json"], errors: pipe)
        #expect(try job.wait() == 65)
        #expect(pipe.isFull)
        let summary = try Members(try spool.scratch.read("daemon.out"))
        #expect(try summary.number("done") == 1 && summary.number("dead") == 1)
    }

    @Test("that nobody reads keeps no error from ending the program with its code")
    func unreadError() throws {
        let stage = try Stage()
        let pipe = try FullPipe(stage.spool.scratch.path("errors"))
        let second = try start(stage.spool, [], errors: pipe)
        #expect(try second.wait() == 75)
        #expect(pipe.isFull)
    }

    @Test("that is read again says what was left out where it was, and goes on")
    func readAgain() throws {
        let spool = try TestSpool()
        let pipe = try FullPipe(spool.scratch.path("errors"))
        let daemon = try startAndSettle(spool, errors: pipe)
        // The mebibyte that is kept is full after two thousand.
        try process(10_000..<13_000, in: spool)
        try eventually("the log says what was left out") { pipe.read().contains("left out") }
        try spool.submit("after")
        try spool.wait(for: "done/after.json")
        daemon.signal(SIGTERM)
        let (lines, beginning) = try read(pipe, untilTheEndOf: daemon)
        #expect(daemon.status == 0)
        let gap = try #require(lines.firstIndex { $0.contains("left out") })
        let notice = /[-0-9T:.]+Z warning (\d+) lines of the log were left out, since standard error took none/
        let leftOut = try #require(lines[gap].wholeMatch(of: notice).flatMap { Int($0.output.1) })
        #expect(gap + leftOut == beginning + 2 * 3000)
        let rest = lines[(gap + 1)...].map { $0.split(separator: " ", maxSplits: 2)[2].prefix(8) }
        #expect(rest == ["after: p", "after: d", "stopping", "stopped"])
        let moments = lines.map { $0.prefix(24) }
        #expect(moments == moments.sorted())
    }

    /// Standard error as somebody leaves it who needs it so for himself.
    private static let nonBlocking = [
        "/usr/bin/env", "perl", "-MFcntl", "-e", "fcntl(STDERR, F_SETFL, O_APPEND | O_NONBLOCK) or die; exec @ARGV",
    ]

    @Test(
        "is whole at the end, however much of it is still to be written", arguments: [[], LogTests.nonBlocking])
    func wholeAtEnd(wrapper: [String]) throws {
        let spool = try TestSpool()
        let pipe = try FullPipe(spool.scratch.path("errors"))
        let daemon = try startAndSettle(spool, through: wrapper, errors: pipe)
        try process(1000..<2000, in: spool)
        daemon.signal(SIGTERM)
        let (lines, beginning) = try read(pipe, untilTheEndOf: daemon)
        #expect(daemon.status == 0)
        #expect(lines.count == beginning + 2 * 1000 + 2)
        #expect(lines.last?.hasSuffix(" notice stopped") ?? false)
    }

    @Test("is whole when the program starts over, since its spool has gone")
    func wholeAtRestart() throws {
        let spool = try TestSpool()
        let pipe = try FullPipe(spool.scratch.path("errors"))
        let daemon = try startAndSettle(spool, errors: pipe)
        let begun = ContinuousClock.now
        try process(1000..<2900, in: spool)
        // Before that it would wait, and have the time to write.
        try eventually("it has served for a second") { ContinuousClock.now - begun > .seconds(1) }
        try spool.move("", to: "../away")
        try eventually("it waits for a spool") { pipe.read().contains(" waiting: there is no spool at ") }
        let lines = pipe.lines()
        let beginning = lines.count { $0.contains(" ready: ") || $0.contains(" first: ") }
        let end = try #require(lines.firstIndex { $0.contains(" is gone: ") })
        #expect(end == beginning + 2 * 1900)
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == 0)
    }

    @Test("of a batch job stands before its summary, in order and whole")
    func batchJob() throws {
        let spool = try TestSpool()
        let pipe = try FullPipe(spool.scratch.path("errors"))
        let keys = (1000..<2000).map { "k\($0)" + String(repeating: "x", count: 190) }
        for key in keys { try spool.submit(key) }
        let job = try Spawn(
            Daemon.binary, ["run", "--drain", "--spool", spool.path, "--log-level", "debug"], output: pipe.path,
            errors: pipe.path)
        try eventually("all are done", timeout: .seconds(60)) { spool.requests("done").count == keys.count }
        let (lines, _) = try read(pipe, untilTheEndOf: job)
        #expect(job.status == 0)
        #expect(lines.first?.contains(" ready: ") ?? false)
        #expect(lines.last?.hasPrefix("done 1000, ") ?? false)
        let verbs = Dictionary(grouping: lines.dropFirst().dropLast()) { $0.split(separator: " ")[2].dropLast() }
        #expect(verbs.count == keys.count)
        for (key, lines) in verbs {
            // What it finds at the beginning may be said to be processed twice.
            #expect(lines.first?.contains(": processed as ") ?? false, "\(key)")
            #expect(lines.last?.hasSuffix(": done") ?? false, "\(key)")
        }
        let moments = lines.dropLast().map { $0.prefix(24) }
        #expect(moments == moments.sorted())
    }
}
