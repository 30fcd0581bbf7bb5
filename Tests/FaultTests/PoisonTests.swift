import Foundation
import TestSupport
import Testing

/// No file is known that ends the process, so one is made: under strace, whoever opens a certain name dies.
@Suite(
    "A file that makes the process die", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct PoisonTests {
    private static let signals = ["SIGSEGV": Int32(139), "SIGKILL": 137]

    /// Two fast starts, and three over it alone.
    private static let deaths = 5
    private static let deathsOfAnother = 3

    @Test(
        "is buried after a few restarts, wherever it stands, and can be moved back",
        arguments: ["SIGSEGV", "SIGKILL"], ["incoming", "processing"])
    func alone(signal: String, place: String) throws {
        let spool = try TestSpool()
        try spool.write(TestSpool.request, to: place + "/poison.json")
        #expect(try liveOn(spool, ["poison.json"], signal) == PoisonTests.deaths)
        try expectBuried("poison", in: spool)
        try expectRevived("poison", in: spool)
    }

    @Test("among 200 others is found, and each of them is done once", arguments: ["SIGSEGV", "SIGKILL"])
    func among(signal: String) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        for number in 0..<150 { try spool.submit("k\(number)") }
        for number in 150..<200 { try spool.write(TestSpool.request, to: "processing/k\(number).json") }
        try spool.submit("poison")
        #expect(try liveOn(spool, ["poison.json"], signal) == PoisonTests.deaths)
        try expectBuried("poison", in: spool)
        try expectDone(200, in: spool, receiver)
        try expectRevived("poison", in: spool)
    }

    @Test("with another one beside it: both are found, one after the other", arguments: ["incoming", "processing"])
    func two(place: String) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        for number in 0..<40 { try spool.submit("k\(number)") }
        try spool.submit("poison")
        try spool.write(TestSpool.request, to: place + "/venom.json")
        let deaths = try liveOn(spool, ["poison.json", "venom.json"], "SIGSEGV")
        #expect(deaths == PoisonTests.deaths + PoisonTests.deathsOfAnother)
        for key in ["poison", "venom"] { try expectBuried(key, in: spool) }
        try expectDone(40, in: spool, receiver)
    }

    @Test("under a taken key is set apart, and the request that has the key is left as it is")
    func takenKey() throws {
        let spool = try TestSpool()
        try spool.submit("poison")
        #expect(try Spawn.run(spool) == 0)
        let invoice = try spool.text("done/poison.json.invoice")
        // With a conflict's name, since opening the first request to compare must not kill.
        try spool.write(#"{"customer_id":"other","amount_cents":1}"#, to: "incoming/poison.conflict-0a1b2c3d.json")
        let deaths = try liveOn(spool, ["poison.conflict-0a1b2c3d.json"], "SIGKILL")
        #expect(deaths == PoisonTests.deaths)
        #expect(spool.requests("dead") == ["poison.conflict-0a1b2c3d.json"])
        #expect(try spool.text("done/poison.json.invoice") == invoice)
    }

    @Test("dropped while the daemon serves: it serves again once its keeper has started it a few times")
    func served() throws {
        let spool = try TestSpool()
        var deaths = 0
        var daemon = try Spawn.traced(spool, ["poison.json"], "SIGSEGV", arguments: [])
        try eventually("it has recovered") {
            spool.scratch.text("daemon.log").contains(" ready: ") && !spool.contains(".billhook/deaths")
        }
        try spool.submit("poison")
        while true {
            try eventually("it dies or buries", orElse: spool.listing()) {
                daemon.status != nil || spool.contains("dead/poison.json")
            }
            guard daemon.status != nil else { break }
            deaths += 1
            guard deaths < 20 else { throw HarnessError("It dies and dies. \(spool.listing())") }
            daemon = try Spawn.traced(spool, ["poison.json"], "SIGSEGV", arguments: [])
        }
        // The first death was in the middle of its life, and counts nowhere.
        #expect(deaths == PoisonTests.deaths + 1)
        try spool.submit("after")
        try spool.wait(for: "done/after.json")
        let holder = try #require(try spool.text(".billhook/lock").split(whereSeparator: \.isWhitespace).last)
        kill(try #require(pid_t(holder)), SIGTERM)
        #expect(try daemon.wait() == 0)
        try expectBuried("poison", in: spool)
    }

    @Test("is suspected no more after an end that came before it was taken up again")
    func cleared() throws {
        let spool = try TestSpool()
        #expect(try Spawn.run(spool) == 0)
        try spool.submit("k")
        try spool.suspect("k.json", in: "incoming", deaths: 1)
        let strace = try #require(Binary.strace)
        let output = spool.scratch.path("out")
        // Subscriptions are read before anything is taken up.
        let status = try Spawn(
            strace,
            [
                "-f", "-qq", "-o", spool.scratch.path("trace"), "-e", "signal=none", "-e", "trace=getdents64", "-e",
                "inject=getdents64:signal=SIGKILL:when=1", "-P", spool.path("subscriptions"), Binary.billhook, "run",
                "--drain", "--spool", spool.path,
            ], output: output, errors: output
        ).wait()
        #expect(status == 137)
        #expect(try !spool.text(".billhook/deaths").contains("suspect"))
        #expect(try Spawn.run(spool) == 0)
        #expect(spool.contains("done/k.json"))
    }

    // MARK: Steps

    /// Starts the batch job again until it comes to its end; how often it died before.
    private func liveOn(_ spool: TestSpool, _ poisons: [String], _ signal: String) throws -> Int {
        for deaths in 0..<20 {
            let status = try Spawn.traced(spool, poisons, signal, arguments: ["--drain"]).wait()
            if status == 65 {
                #expect(spool.scratch.text("trace").isEmpty, "what is buried is not opened any more")
                return deaths
            }
            #expect(status == PoisonTests.signals[signal])
            try FileManager.default.removeItem(atPath: spool.scratch.path("trace"))
        }
        throw HarnessError("It dies and dies. \(spool.listing())")
    }

    private func expectBuried(_ key: String, in spool: TestSpool) throws {
        #expect(spool.contains("dead/\(key).json"), "\(spool.listing())")
        #expect(try spool.object("dead/\(key).json.error").text("code") == "crashed")
        for state in ["incoming", "processing", ".billhook/aside"] { #expect(spool.names(state).isEmpty) }
        #expect(!spool.contains(".billhook/deaths"))
        #expect(spool.scratch.text("daemon.log").contains("/\(key).json: dead, crashed: "))
    }

    /// Once nothing kills any more, it is a request like any other.
    private func expectRevived(_ key: String, in spool: TestSpool) throws {
        try spool.shell("mv -n dead/\(key).json incoming/")
        #expect(try Spawn.run(spool) == 0)
        #expect(spool.contains("done/\(key).json.invoice") && spool.names("dead").isEmpty)
    }

    private func expectDone(_ count: Int, in spool: TestSpool, _ receiver: Receiver) throws {
        #expect(Set(spool.requests("done")) == Set((0..<count).map { "k\($0).json" }))
        #expect(spool.requests("dead").allSatisfy { ["poison.json", "venom.json"].contains($0) })
        let calls = Dictionary(grouping: receiver.calls) { (try? Members($0.body).object("data").text("key")) ?? "" }
        #expect(calls.count == count)
        for (key, calls) in calls {
            #expect(Set(calls.map(\.body)).count == 1, "\(key): the same invoice at every attempt")
            #expect(try spool.attempts(key, in: "done").filter { $0.outcome == "delivered" }.count == 1)
        }
    }
}

extension Spawn {
    /// A run of the built program in which opening any of these names is deadly.
    fileprivate static func traced(
        _ spool: TestSpool, _ poisons: [String], _ signal: String, arguments: [String]
    ) throws -> Spawn {
        let strace = try #require(Binary.strace)
        // Swift's own handler would survive a signal that no bad access stands behind.
        var options = ["-f", "-qq", "-E", "SWIFT_BACKTRACE=enable=no", "-o", spool.scratch.path("trace")]
        options += ["-e", "signal=none", "-e", "trace=openat", "-e", "inject=openat:signal=\(signal)"]
        for name in poisons { options += ["-P", name] }
        let log = spool.scratch.path("daemon.log")
        return try Spawn(
            strace, options + [Binary.billhook, "run", "--spool", spool.path] + arguments, output: log, errors: log)
    }

    /// The batch job, with nothing in its way; its exit status.
    fileprivate static func run(_ spool: TestSpool) throws -> Int32 {
        let log = spool.scratch.path("daemon.log")
        return try Spawn(Binary.billhook, ["run", "--drain", "--spool", spool.path], output: log, errors: log).wait()
    }
}
