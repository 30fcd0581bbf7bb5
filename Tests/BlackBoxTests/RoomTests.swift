import Foundation
import TestSupport
import Testing

@Suite("A disk that runs full", .serialized, .enabled(if: SmallDisk.objection == nil, "needs root and loop devices"))
struct RoomTests {
    private static let invalid = #"{"customer_id":"c-1","amount_cents":-1}"#

    @Test(
        "stops claiming in time, says so once in log and status, and goes on by itself",
        arguments: ["bytes", "inodes", "bytes of an ext4", "inodes of an ext4"])
    func stops(what: String) throws {
        let disk = try SmallDisk(
            what.hasSuffix("ext4")
                ? .ext4(bytes: 32 << 20, ["-N", "2000", "-b", "4096"]) : .memory(bytes: 24 << 20, inodes: 2000))
        let receiver = try Receiver()
        try disk.spool.subscribe("s", receiver.url)
        let daemon = try Daemon(disk.spool)
        try disk.spool.submit("before")
        try disk.spool.wait(for: "done/before.json")
        // Above the floor of five percent, with less than they take.
        if what.hasPrefix("bytes") {
            try disk.fill(leaving: (15 << 20) / 10)
        } else {
            try disk.fillInodes(leaving: 230)
        }
        for number in 0..<100 { try disk.spool.submit("k\(number)") }
        try daemon.waitForLog("nothing is claimed until there is room")
        try eventually(
            "status says so", orElse: disk.spool.listing() + ((try? disk.spool.text(".billhook/status.json")) ?? "")
        ) {
            try Command.run(disk.spool, ["status"]).output.contains("It claims nothing: the disk has ")
        }
        let object = try Members(Array(Command.run(disk.spool, ["status", "--json"]).output.utf8))
        #expect(object.all["claiming"] as? Bool == false)
        #expect((object.all["reason"] as? String)?.contains("must be free") == true)
        try disk.empty()
        try eventually("all are done", orElse: disk.spool.listing()) { disk.spool.requests("done").count == 101 }
        try daemon.waitForLog("there is room on the disk again")
        #expect(receiver.calls.count == 101)
        #expect(daemon.log.components(separatedBy: "nothing is claimed until there is room").count == 2)
        #expect(!daemon.log.contains("refuses work"), "it stopped too late: \(daemon.log)")
        try eventually("status says that it claims", orElse: disk.spool.listing()) {
            try !Command.run(disk.spool, ["status"]).output.contains("It claims nothing")
        }
        #expect(try daemon.terminate() == 0)
    }

    @Test("never claims more than there is room for, however much comes at once", arguments: ["process", "full"])
    func flood(durability: String) throws {
        let disk = try SmallDisk(.memory(bytes: 8 << 20, inodes: 4000))
        let padding = String(repeating: "x", count: 60_000)
        let request = #"{"customer_id":"c-1","amount_cents":100,"metadata":{"p":"\#(padding)"}}"#
        // More than fits twice: as request and as invoice.
        for number in 0..<100 { try disk.spool.write(request, to: "incoming/k\(number).json") }
        let daemon = try Daemon(
            disk.spool, ["--durability", durability, "--minimum-free", "200k", "--max-request-bytes", "65536"])
        try daemon.waitForLog("nothing is claimed until there is room")
        let taken = disk.spool.requests("done").count
        #expect(taken < 100)
        #expect(!daemon.log.contains("refuses work"), "it claimed too much: \(daemon.log)")
        for number in 0..<100 where disk.spool.contains("done/k\(number).json") {
            try disk.spool.shell("rm done/k\(number).json*")
        }
        try disk.spool.shell("rm -f done/*")
        try eventually("the rest is taken", orElse: disk.spool.listing()) {
            try disk.spool.shell("rm -f done/*")
            return disk.spool.requests("incoming").isEmpty && disk.spool.requests("processing").isEmpty
        }
        #expect(!daemon.log.contains("refuses work"))
        #expect(try daemon.terminate() == 0)
    }

    @Test("has room for the reason of a request that dies on it", arguments: ["bytes", "inodes", "refused file"])
    func reserve(what: String) throws {
        let disk = try SmallDisk(.ext4(bytes: 32 << 20, ["-N", "2000"]))
        let daemon = try Daemon(disk.spool, ["--minimum-free", "0", "--minimum-free-inodes", "0"])
        try eventually("the reserve is made") { disk.spool.names(".billhook/reserve").count == 32 }
        let name = what == "refused file" ? "no request" : "k.json"
        try disk.spool.write(RoomTests.invalid, to: "tmp/\(name)")
        if what == "inodes" { try disk.fillInodes() } else { try disk.fill() }
        try disk.spool.move("tmp/\(name)", to: "incoming/\(name)")
        try daemon.waitForLog(what == "refused file" ? "refused, " : "k: dead, ")
        let error = try #require(disk.spool.names("dead").first { $0.hasSuffix(".error") })
        let code = try disk.spool.object("dead/\(error)").text("code")
        #expect(code == (what == "refused file" ? "refused" : "invalid_field"))
        #expect(disk.spool.names("dead").count == 2)
        #expect(disk.spool.names(".billhook/reserve").count < 32)
        try disk.empty()
        try disk.spool.submit("next")
        try disk.spool.wait(for: "done/next.json")
        try eventually("the reserve is made up", orElse: disk.spool.listing()) {
            disk.spool.names(".billhook/reserve").count == 32
        }
        #expect(try daemon.terminate() == 0)
    }

    @Test("has room for the last attempt of a request that is given up on it")
    func lastAttempt() throws {
        let disk = try SmallDisk(.ext4(bytes: 32 << 20, ["-N", "2000"]))
        let receiver = try Receiver { _ in .stall }
        try disk.spool.subscribe("s", receiver.url, with: ["timeout": "1s"])
        let daemon = try Daemon(disk.spool)
        try disk.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        try disk.fill(leaving: 4 << 20)
        try disk.fillInodes()
        try disk.fill()
        try disk.spool.wait(for: "dead/k.json")
        #expect(try disk.spool.object("dead/k.json.error").text("code") == "delivery_failed")
        #expect(try disk.spool.attempts("k", in: "dead").count == 1)
        try disk.empty()
        #expect(try daemon.terminate() == 0)
    }

    @Test("does not keep the daemon from starting, and what is there goes on when there is room")
    func start() throws {
        let disk = try SmallDisk(.ext4(bytes: 32 << 20, ["-N", "2000"]))
        let receiver = try Receiver()
        try disk.spool.subscribe("s", receiver.url)
        try disk.fill(leaving: 4 << 20)
        try disk.spool.submit("k")
        try Daemon(disk.spool).kill9()
        try disk.fillInodes()
        try disk.fill()
        let daemon = try Daemon(disk.spool)
        #expect(daemon.log.contains("watching by inotify"))
        try daemon.waitForLog("nothing is claimed until there is room")
        try disk.empty()
        try disk.spool.wait(for: "done/k.json")
        #expect(try daemon.terminate() == 0)
    }

    @Test("a batch job that has no room for the rest ends, and says so")
    func drain() throws {
        let disk = try SmallDisk(.memory(bytes: 24 << 20, inodes: 2000))
        try disk.spool.submit("k")
        let (status, _) = try Daemon.run(disk.spool, ["--drain", "--minimum-free", "1G"])
        #expect(status == 75)
        #expect(disk.spool.contains("incoming/k.json"))
        #expect(Daemon.log(of: disk.spool).contains("nothing is claimed until there is room"))
        #expect(try Daemon.run(disk.spool, ["--drain"]).status == 0)
    }

    @Test("a batch job ends that has no room for the invoice of a request in processing/, and counts what it left")
    func drainProcessing() throws {
        let disk = try SmallDisk(.memory(bytes: 2 << 20, inodes: 2000))
        #expect(try Daemon.run(disk.spool, ["--drain"]).status == 0)
        try disk.spool.write(TestSpool.request, to: "processing/k.json")
        try disk.spool.submit("next")
        try disk.fill()
        let (status, output) = try Daemon.run(disk.spool, ["--drain"])
        #expect(status == 75, "\(Daemon.log(of: disk.spool))")
        #expect(output.hasPrefix("done 0, dead 0, waiting 1, unclaimed 1, incomplete 0"))
        try disk.empty()
        #expect(try Daemon.run(disk.spool, ["--drain", "--minimum-free", "0"]).status == 0)
        #expect(disk.spool.requests("done").count == 2)
    }

    @Test(
        "that refuses to be written pauses it, and it goes on when it can",
        .enabled(if: access("/usr/bin/strace", X_OK) == 0, "strace is missing"))
    func readOnly() throws {
        let gate = DispatchSemaphore(value: 0)
        let receiver = try Receiver { call in
            if call.index == 0 { gate.wait() }
            return .status(200)
        }
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        // A spool that is served has files open for writing, so nobody can mount it read-only; a kernel that meets an error
        // on the disk makes it so.
        let trace = stage.spool.scratch.path("strace.out")
        let tracer = try Spawn(
            "/usr/bin/strace",
            [
                "-f", "-p", "\(stage.daemon.process.processID)", "-e", "trace=renameat2", "-e",
                "inject=renameat2:error=EROFS",
            ],
            output: trace, errors: trace)
        try eventually("it is traced") { stage.spool.scratch.text("strace.out").contains("attached") }
        try stage.spool.submit("next")
        gate.signal()
        try stage.daemon.waitForLog("the spool refuses work: Read-only file system")
        try eventually("status says so") {
            try Command.run(stage.spool, ["status"]).output.contains(
                "It claims nothing: the spool refuses work: Read-only")
        }
        tracer.signal(SIGTERM)
        _ = try tracer.wait()
        for name in ["k", "next"] { try stage.spool.wait(for: "done/\(name).json") }
        try stage.daemon.waitForLog("the spool works again")
        #expect(receiver.calls.count == 2)
        #expect(stage.daemon.log.components(separatedBy: "the spool refuses work").count == 2)
        #expect(try stage.daemon.terminate() == 0)
    }

    @Test("made read-only by the kernel, says so, and is let go of so that it can be checked and mounted again")
    func brokenDisk() throws {
        let disk = try SmallDisk(.ext4(bytes: 32 << 20, []))
        let receiver = try Receiver { _ in .stall }
        try disk.spool.subscribe("s", receiver.url)
        let daemon = try Daemon(disk.spool, ["--rescan-interval", "200ms", "--shutdown-timeout", "200ms"])
        try disk.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        try disk.makeReadOnly()
        receiver.release()
        try daemon.waitForLog("the spool refuses work: Read-only file system")
        let status = try Command.run(disk.spool, ["status"])
        #expect(status.output.contains("It claims nothing: the file system is read-only"), "\(status)")
        disk.unmount(lazily: true)
        try daemon.waitForLog("waiting: there is no spool at")
        try disk.check()
        try disk.mount()
        try disk.spool.wait(for: "done/k.json")
        // The first call could not be recorded.
        #expect(receiver.calls.count == 2 && Set(receiver.calls.map(\.deliveryID)).count == 1)
        #expect(try daemon.terminate() == 0)
    }
}
