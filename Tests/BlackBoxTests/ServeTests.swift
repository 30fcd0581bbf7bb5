import Foundation
import TestSupport
import Testing

@Suite("The daemon", .serialized)
struct ServeTests {
    @Test("asked to stop, finishes the attempt under way and records it")
    func finishes() throws {
        let receiver = try Receiver { _ in .stall }
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        stage.daemon.process.signal(SIGTERM)
        try stage.daemon.waitForLog("stopping")
        receiver.release()
        #expect(try stage.daemon.process.wait() == 0)
        let state = try #require(stage.spool.states(of: "k").first)
        #expect(try stage.spool.attempts("k", in: state).map(\.outcome) == ["delivered"])
        try stage.start()
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.count == 1)
    }

    @Test(
        "asked to stop, abandons an attempt that hangs, and makes it again at the next start",
        arguments: [SIGTERM, SIGINT])
    func abandons(signal: Int32) throws {
        let mood = Mood(.stall)
        let receiver = try mood.receiver()
        let stage = try Stage(["--shutdown-timeout", "150ms"]) { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        stage.daemon.process.signal(signal)
        #expect(try stage.daemon.process.wait() == 0)
        #expect(stage.spool.states(of: "k") == ["processing"])
        mood.answer = .status(200)
        try stage.start()
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.attempt) == [1, 1])
        #expect(receiver.calls[0].body == receiver.calls[1].body)
        #expect(receiver.calls[0].deliveryID == receiver.calls[1].deliveryID)
    }

    @Test("is alone on its spool: a second one is refused, and told who has it", arguments: [[], ["--drain"]])
    func second(arguments: [String]) throws {
        let stage = try Stage()
        let (status, _) = try Daemon.run(stage.spool, arguments)
        #expect(status == 75)
        #expect(stage.daemon.log.contains("process \(stage.daemon.process.processID)"))
        try stage.daemon.kill9()
        try stage.start()
    }

    @Test("stays alone when somebody removes the lock file, thinking that it is stale")
    func removedLock() throws {
        let stage = try Stage()
        try stage.spool.remove(".billhook/lock")
        #expect(try Daemon.run(stage.spool, []).status == 75)
        #expect(stage.daemon.log.contains("somebody removed .billhook/lock"))
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        try stage.daemon.kill9()
        try stage.start()
    }

    @Test("makes a spool where there is none, also two levels down")
    func creates() throws {
        let spool = try TestSpool(path: "a/b/spool")
        let daemon = try Daemon(spool)
        #expect(Set(TestSpool.directories).isSubset(of: Set(spool.names("."))))
        #expect(try spool.text(".billhook/id").count == 33)
        try spool.submit("k")
        try spool.wait(for: "done/k.json")
        #expect(try daemon.terminate() == 0)
    }

    @Test("writes nothing into the spool that it would print, where its output is closed")
    func closedOutput() throws {
        let spool = try TestSpool()
        try spool.submit("k")
        _ = try Daemon.run(spool, ["--drain"])
        let identity = try spool.text(".billhook/id")
        try spool.submit("l")
        let output = spool.scratch.path("shell.out")
        let line = #"exec "$0" run --drain --spool "$1" <&- >&- 2>&-"#
        let status = try Spawn("/bin/sh", ["-c", line, Daemon.binary, spool.path], output: output, errors: output)
            .wait()
        #expect(status == 0 && spool.contains("done/l.json"))
        #expect(try spool.text(".billhook/id") == identity)
        #expect(try spool.text(".billhook/lock").hasPrefix("process "))
    }

    @Test("refuses a directory that is somebody else's, in a sentence, and leaves it as it is")
    func foreign() throws {
        let spool = try TestSpool(path: "home")
        try FileManager.default.createDirectory(atPath: spool.path, withIntermediateDirectories: true)
        try spool.write("dear diary", to: "diary.txt")
        let (status, _) = try Daemon.run(spool, [])
        #expect(status != 0)
        #expect(Daemon.log(of: spool).contains("\(spool.path) holds files but is not a spool."))
        #expect(spool.names(".") == ["diary.txt"])
    }

    @Test(
        "refuses an argument that it does not understand",
        arguments: [["--drian"], ["--incomplete-after", "5"], ["--durability", "none"]])
    func usage(arguments: [String]) throws {
        let spool = try TestSpool()
        let (status, _) = try Daemon.run(spool, arguments)
        #expect(status == 64)
        #expect(!spool.contains(".billhook"))
    }

    @Test("serves with either durability", arguments: ["full", "process"])
    func durability(durability: String) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--durability", durability]) { try $0.subscribe("s", receiver.url) }
        for number in 0..<20 { try stage.spool.submit("k\(number)") }
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 20 }
        #expect(receiver.calls.count == 20)
    }
}
