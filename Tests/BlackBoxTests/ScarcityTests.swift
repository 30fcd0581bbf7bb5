import Foundation
import TestSupport
import Testing

@Suite("What the kernel has too little of", .serialized)
struct ScarcityTests {
    @Test("a queue of events that overflows while nobody listens loses nothing")
    func overflow() throws {
        let stage = try Stage(["--rescan-interval", "1d", "--durability", "process"])
        let most =
            Int(
                (try? String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8))?
                    .trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 16_384
        let count = most + 4000
        stage.daemon.process.signal(SIGSTOP)
        try stage.spool.shell(
            "i=0; while [ $i -lt \(count) ]; do echo '\(TestSpool.request)' > tmp/$i; i=$((i+1)); done")
        for number in 0..<count { try stage.spool.move("tmp/\(number)", to: "incoming/k\(number).json") }
        stage.daemon.process.signal(SIGCONT)
        try eventually("all are done", timeout: .seconds(120)) { stage.spool.requests("done").count == count }
        #expect(stage.spool.names("incoming").isEmpty && stage.spool.names("processing").isEmpty)
        #expect(try stage.daemon.terminate() == 0)
    }

    @Test(
        "without an inotify watch or instance left it polls, and says why",
        .enabled(if: ScarcityTests.canLimitInotify, "user namespaces can't be made here"),
        arguments: ["max_inotify_watches", "max_inotify_instances"])
    func inotify(limit: String) throws {
        let spool = try TestSpool()
        let daemon = try Spawn(
            "/usr/bin/unshare",
            [
                "-Ur", "/bin/sh", "-c",
                "echo 0 > /proc/sys/user/\(limit) && exec '\(Daemon.binary)' run --spool '\(spool.path)'",
            ], output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
        try eventually("it is ready", orElse: spool.listing()) { Daemon.log(of: spool).contains(" ready: ") }
        let log = Daemon.log(of: spool)
        #expect(log.contains("no inotify, so the spool is polled: "))
        #expect(log.contains(limit.hasSuffix("watches") ? "no inotify watch left" : "no inotify instance left"))
        #expect(log.contains("polling every 1s"))
        for number in 0..<3 {
            try spool.submit("k\(number)")
            try spool.wait(for: "done/k\(number).json")
        }
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == 0)
    }

    @Test("few descriptors bound what goes on at once, and all comes to its end", arguments: [100, 160, 400])
    func fewDescriptors(limit: Int) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, with: ["concurrency": 500])
        for number in 0..<600 { try spool.submit("k\(number)") }
        let daemon = try Spawn(
            "/usr/bin/prlimit", ["--nofile=\(limit)", Daemon.binary, "run", "--spool", spool.path],
            output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
        try eventually("all are done", timeout: .seconds(60), orElse: spool.listing()) {
            spool.requests("done").count == 600
        }
        let log = Daemon.log(of: spool)
        #expect(log.contains("only \(limit) files may be open at once") == (limit < 256))
        #expect(!log.contains("refuses work"), "the bound is too wide: \(log)")
        #expect(receiver.calls.count == 600 && receiver.calls.allSatisfy { $0.attempt == 1 })
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == 0)
    }

    @Test("descriptors that run out in the middle cost a pause, and no subscriber an attempt")
    func outOfDescriptors() throws {
        let gate = DispatchSemaphore(value: 0)
        let bye = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        let receiver = try Receiver { call in
            if call.index == 0 { gate.wait() }
            return .raw(bye)
        }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1h"], with: ["concurrency": 1]) }
        for number in 0..<10 { try stage.spool.submit("k\(number)") }
        try receiver.waitForCalls(count: 1)
        try eventually("all are claimed", orElse: stage.spool.listing()) { stage.spool.names("incoming").isEmpty }
        // Nine wait for their turn, and each takes a connection of its own.
        let id = stage.daemon.process.processID
        try stage.spool.shell("prlimit --pid \(id) --nofile=3:1024")
        try stage.spool.submit("late")
        gate.signal()
        try stage.daemon.waitForLog("Too many open files")
        let claimed = try Command.run(stage.spool, ["status"])
        #expect(claimed.status == 0)
        try stage.spool.shell("prlimit --pid \(id) --nofile=1024:1024")
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 11 }
        try stage.daemon.waitForLog("the spool works again")
        #expect(receiver.calls.count == 11 && receiver.calls.allSatisfy { $0.attempt == 1 })
        for name in stage.spool.names("done") where name.hasSuffix(".attempts") {
            #expect(try stage.spool.text("done/\(name)").split(separator: "\n").count == 1, "\(name)")
        }
        #expect(stage.daemon.log.components(separatedBy: "Too many open files").count == 2, "\(stage.daemon.log)")
        #expect(try stage.daemon.terminate() == 0)
    }

    @Test(
        "a directory whose index is full keeps what should go there in processing/, and goes on by itself",
        .enabled(if: SmallDisk.objection == nil, "mounting needs root"))
    func fullIndex() throws {
        // With blocks of 1 KiB and long names, the two levels of an index hold some thirty thousand.
        let disk = try SmallDisk(.ext4(bytes: 256 << 20, ["-b", "1024", "-N", "40000", "-O", "^large_dir"]))
        let receiver = try Receiver { call in call.key == "bad" ? .status(422) : .status(200) }
        try disk.spool.subscribe("s", receiver.url)
        try disk.crowd("done")
        let daemon = try Daemon(disk.spool)
        for number in 0..<40 { try disk.spool.submit(disk.longKey(number)) }
        try daemon.waitForLog("done/ takes no more names")
        try disk.spool.submit("bad")
        try disk.spool.wait(for: "dead/bad.json")
        try receiver.waitForCalls(count: 41)
        try eventually("status says so") {
            try Command.run(disk.spool, ["status"]).output.contains("It is hampered: done/ takes no more names")
        }
        #expect(!disk.spool.requests("processing").isEmpty)
        try disk.spool.shell("find done -name 'f*' -delete")
        try eventually("all are done", orElse: disk.spool.listing()) { disk.spool.requests("done").count == 40 }
        #expect(receiver.calls.count == 41)
        #expect(daemon.log.components(separatedBy: "done/ takes no more names").count == 2)
        try daemon.waitForLog("done/ takes names again")
        #expect(try daemon.terminate() == 0)
    }

    private static let canLimitInotify: Bool = {
        let command = "echo 0 > /proc/sys/user/max_inotify_watches"
        let probe = try? Spawn(
            "/usr/bin/unshare", ["-Ur", "/bin/sh", "-c", command], output: "/dev/null", errors: "/dev/null")
        return (try? probe?.wait()) == 0
    }()
}
