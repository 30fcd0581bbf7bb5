import Foundation
import TestSupport
import Testing

/// Every flush has a reader here: without it something is relied on that a power cut takes. The power cuts on real file
/// systems can't tell, since there the flush of one file commits what others did before.
@Suite(
    "On a disk that keeps only what was flushed", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct StrictDiskTests {
    private static let request = Scenario.request
    private static let run = ["run", "--drain", "--lanes", "1"]

    private func expectNoLoss(
        _ spool: TestSpool, _ command: [String] = run, careless: [String] = [], unflushed: [String] = [],
        failing: Int? = nil, exits: [Int32] = [0],
        atLeast judged: Int = 2, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try StrictRun(
            spool, command, careless: careless, unflushed: unflushed, failing: failing, exits: exits)
        #expect(run.violations.isEmpty, "\(run.violations.joined(separator: "\n"))", sourceLocation: location)
        #expect(run.judged >= judged, "nothing was judged", sourceLocation: location)
    }

    /// Lets the daemon work something off, and takes it as durable.
    private func prepare(_ spool: TestSpool, _ keys: [String: String], exits: Int32 = 0) throws {
        for (key, request) in keys { try spool.submit(key, request) }
        let log = spool.scratch.path("prepare.log")
        let arguments = StrictDiskTests.run + ["--spool", spool.path]
        let status = try Spawn(Binary.billhook, arguments, output: log, errors: log).wait(timeout: .seconds(30))
        #expect(status == exits, "\(spool.scratch.text("prepare.log"))")
    }

    // MARK: The daemon

    @Test("a careless drop, its invoice and every attempt outlast what is told of them")
    func delivered() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(422) : .status(200) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: ["20ms"])
        try spool.submit("k")
        try expectNoLoss(
            spool, StrictDiskTests.run + ["--wait-retries"], careless: ["incoming/k.json"], atLeast: 5)
        #expect(receiver.calls.count == 2)
        #expect(spool.contains("done/k.json"))
    }

    @Test("a request that a crash left claimed has an invoice that outlasts what is told of it")
    func claimedBefore() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        try spool.write(StrictDiskTests.request, to: "processing/k.json")
        try expectNoLoss(spool, careless: ["processing/k.json"], atLeast: 4)
        #expect(receiver.calls.count == 1)
    }

    @Test("what a kill left unflushed is durable before anybody hears of it")
    func killedBefore() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: ["1h"])
        try prepare(spool, ["k": StrictDiskTests.request])
        let left = ["k.json", "k.json.invoice", "k.json.attempts"].map { "processing/\($0)" }
        try spool.shell("touch -d '1 hour ago' processing/k.json.attempts")
        try expectNoLoss(spool, careless: left, atLeast: 4)
        #expect(receiver.calls.count == 2 && spool.contains("done/k.json"))
    }

    /// Of the flushes of the one lane, those of the last two requests with their `.invoice`, the directory, and each `.attempts`.
    /// The start's own, in another thread, are three at the most.
    @Test("what could not be flushed is written anew before anybody hears of it, and once", arguments: 4...10)
    func unflushable(failing: Int) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try prepare(spool, [:])
        try spool.subscribe("s", receiver.url)
        let keys = ["a", "b", "c"]
        for key in keys { try spool.submit(key) }
        try expectNoLoss(spool, failing: failing, atLeast: 4)
        #expect(receiver.calls.count == 3)
        for key in keys { #expect(try spool.attempts(key, in: "done").count == 1) }
        #expect(spool.names("tmp").isEmpty)
    }

    @Test("what ends in dead/ has its reason there first", arguments: ["invalid", "taken", "rejected before"])
    func dead(what: String) throws {
        let spool = try TestSpool()
        try prepare(spool, ["taken": StrictDiskTests.request, "free": Scenario.invalid], exits: 65)
        switch what {
        case "invalid": try spool.submit("k", Scenario.invalid)
        case "taken": try spool.submit("taken", Scenario.otherRequest)
        // The old one goes to the archive.
        default: try spool.submit("free")
        }
        let drop = "incoming/\(spool.requests("incoming")[0])"
        try expectNoLoss(spool, careless: [drop], exits: [0, 65], atLeast: 3)
        #expect(spool.names("processing").isEmpty && spool.names("incoming").isEmpty)
    }

    @Test("what is refused has its reason in dead/ first, also where it takes the place of an older one")
    func refused() throws {
        let spool = try TestSpool()
        for _ in 0..<2 {
            try spool.write("x", to: "incoming/no suffix")
            try expectNoLoss(spool, exits: [65])
            #expect(spool.names("dead").count == 2)
        }
    }

    @Test("a delivery that was given up is recorded before its request is dead, and its next round before that begins")
    func returned() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(422) : .status(200) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: [])
        try spool.submit("k")
        try expectNoLoss(spool, careless: ["incoming/k.json"], exits: [65], atLeast: 4)
        for _ in 0..<2 {
            try spool.move(spool.contains("dead/k.json") ? "dead/k.json" : "done/k.json", to: "incoming/k.json")
            try expectNoLoss(spool, atLeast: 4)
        }
        #expect(try spool.attempts("k", in: "done").count == 5)
        // Without its .attempts, which the mark makes anew.
        try spool.move("done/k.json", to: "incoming/k.json")
        try spool.remove("done/k.json.attempts")
        try expectNoLoss(spool, exits: [65], atLeast: 4)
    }

    @Test("a processed request that was edited is explained before it is dead again")
    func edited() throws {
        let spool = try TestSpool()
        try prepare(spool, ["k": StrictDiskTests.request])
        try spool.remove("done/k.json")
        try spool.submit("k", Scenario.otherRequest)
        try expectNoLoss(spool, exits: [65])
        #expect(spool.contains("dead/k.json.invoice"))
    }

    @Test("what has no key in it is explained, and durable, before it is dead")
    func keyless() throws {
        let spool = try TestSpool(path: "spool")
        try expectNoLoss(spool, ["init", "--key-from", "field:order"])
        try spool.write("{}", to: "incoming/drop.json")
        try spool.write(#"{"order":"k","customer_id":"c-1","amount_cents":100}"#, to: "incoming/other.json")
        try expectNoLoss(spool, careless: ["incoming/drop.json", "incoming/other.json"], exits: [65], atLeast: 3)
        #expect(spool.contains("dead/drop.json.error") && spool.contains("done/k.json"))
    }

    @Test("a file that ends the process is explained before it is dead", arguments: ["incoming", "processing"])
    func poison(place: String) throws {
        let spool = try TestSpool()
        try prepare(spool, [:])
        try spool.write(StrictDiskTests.request, to: "\(place)/k.json")
        try spool.suspect("k.json", in: place, deaths: 2)
        try expectNoLoss(spool, exits: [65])
        #expect(try spool.object("dead/k.json.error").text("code") == "crashed")
    }

    @Test("an event outlasts what raised it, and each of its own rounds")
    func raised() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(422) : .status(200) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: [])
        try spool.submit("bad", Scenario.invalid)
        try expectNoLoss(spool, careless: ["incoming/bad.json"], exits: [65], atLeast: 4)
        let entry = try #require(spool.requests("dead").first { $0.hasPrefix("+") })
        for state in ["dead", "done"] {
            try spool.move("\(state)/\(entry)", to: "incoming/\(entry)")
            try expectNoLoss(spool, atLeast: 3)
            #expect(spool.contains("done/\(entry)"))
        }
        // Of an attempt that is recorded.
        let operators = try Receiver()
        try spool.subscribe("ops", operators.url, with: ["events": ["delivery.exhausted"]])
        try spool.submit("k")
        try expectNoLoss(spool, careless: ["incoming/k.json"], exits: [65], atLeast: 6)
        #expect(spool.requests("dead") == ["bad.json", "k.json"])
        #expect(spool.requests("done").count { $0.hasPrefix("+") } == 2)
        try expectNoLoss(spool, StrictDiskTests.run + ["--idempotency-window", "1ms"])
        #expect(spool.names("done").isEmpty)
    }

    @Test("a subscription that is disabled stays so")
    func disabled() throws {
        let receiver = try Receiver { _ in .status(410) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        try spool.submit("k")
        try expectNoLoss(spool, careless: ["incoming/k.json"], exits: [65], atLeast: 4)
        #expect(spool.contains("subscriptions/s.disabled"))
    }

    // MARK: The archive

    private func interrupted() throws -> (TestSpool, day: String) {
        let spool = try TestSpool()
        try prepare(spool, ["k": StrictDiskTests.request])
        let day = String(try spool.object("done/k.json.invoice").text("processed_at").prefix(10))
        try spool.shell("mkdir archive/\(day)")
        try spool.move("done/k.json", to: "archive/\(day)/k.json")
        return (spool, day)
    }

    @Test("what is archived has its names there")
    func archived() throws {
        let spool = try TestSpool()
        try prepare(spool, ["k": StrictDiskTests.request])
        try expectNoLoss(spool, StrictDiskTests.run + ["--idempotency-window", "1ms"])
        #expect(spool.names("done").isEmpty)
        let (other, day) = try interrupted()
        try other.submit("k", Scenario.otherRequest)
        try expectNoLoss(other, careless: ["incoming/k.json"])
        #expect(other.contains("archive/\(day)/k.json.invoice") && other.contains("done/k.json"))
    }

    // MARK: Commands

    @Test("what submit has answered for stands")
    func submitted() throws {
        let spool = try TestSpool()
        try prepare(spool, ["done": StrictDiskTests.request])
        try spool.submit("dropped")
        let files = try ["new", "dropped", "done"].map {
            try spool.scratch.write(Scenario.request, to: "in/\($0).json")
        }
        try expectNoLoss(spool, ["submit", files[0]], atLeast: 3)
        try expectNoLoss(spool, ["submit", files[1]], careless: ["incoming/dropped.json"])
        // A daemon has just written the invoice, and flushes it at this moment.
        let unflushed = { (key: String) in ["done/\(key).json", "done/\(key).json.invoice"] }
        try expectNoLoss(spool, ["submit", files[2]], careless: unflushed("done"))
        let log = spool.scratch.path("prepare.log")
        let daemon = try Spawn(
            Binary.billhook, ["run", "--spool", spool.path, "--durability", "process"], output: log, errors: log)
        let file = try spool.scratch.write(Scenario.request, to: "in/waited.json")
        try expectNoLoss(spool, ["submit", "--wait=done", file], careless: unflushed("waited"))
        daemon.signal(SIGTERM)
        _ = try daemon.wait()
    }

    @Test("what other commands have answered for stands")
    func commands() throws {
        let spool = try TestSpool(path: "spool")
        try expectNoLoss(spool, ["init"])
        try expectNoLoss(spool, ["subscribe", "s", "http://127.0.0.1:9/hook"])
        try spool.remove("subscriptions/s.json")
        try prepare(spool, ["k": StrictDiskTests.request, "bad": Scenario.invalid], exits: 65)
        try expectNoLoss(spool, ["retry", "bad"])
        try expectNoLoss(spool, ["replay", "k"])
        try prepare(spool, [:], exits: 65)
        try expectNoLoss(spool, ["archive", "--idempotency-window", "1ms"])
    }

    @Test("what check has mended stays mended")
    func mended() throws {
        let (spool, _) = try interrupted()
        try prepare(spool, ["torn": StrictDiskTests.request, "twin": StrictDiskTests.request])
        try spool.write(#"{"delivery"#, to: "done/torn.json.attempts")
        #expect(link(spool.path("done/twin.json"), spool.path("processing/twin.json")) == 0)
        try spool.move("done/torn.json.invoice", to: "dead/torn.json.invoice")
        try spool.write("{}", to: "done/gone.json.attempts")
        try expectNoLoss(
            spool, ["check", "--repair"], unflushed: ["done/twin.json"], exits: [0, 1, 65], atLeast: 3)
        #expect(!spool.contains("processing/twin.json") && !spool.contains("done/k.json.invoice"))
    }
}
