import Claim
import Deliver
import Files
import Settle
import Spool
import TestSupport
import Testing
import Times

@Suite("An event's entry")
struct EntryTests {
    private let bench: Bench
    private let entry: Key
    private var name: String { entry.fileName.text }

    /// An entry that was raised and told of.
    init() throws {
        bench = try Bench(durability: .full)
        let herald = Herald(bench.spool, maximumBytes: 4096)
        let draft = EventDraft.recovered("crm", since: bench.now, at: bench.now)
        var commit = Commit(bench.durability)
        let staged = try #require(try herald.stage(draft, commit: &commit))
        #expect(try herald.publish(staged, commit: &commit))
        entry = staged.key
    }

    private func load() throws -> Preparation.Outcome {
        var commit = Commit(bench.durability)
        return try bench.preparation.load(entry, now: bench.now, commit: &commit)
    }

    private func settle(in state: State, delivered: Bool = true) throws {
        var commit = Commit(bench.durability)
        try Recorder(bench.spool).record(
            [Bench.attempt(1, delivered: delivered)], for: entry, closingTornLine: false, due: nil, commit: &commit)
        switch state {
        case .done: #expect(try bench.settler.finish(entry, now: bench.now, commit: &commit) == .settled)
        case .dead:
            let report = ErrorReport(code: "delivery_failed", message: "", stage: .deliver, hint: "", at: bench.now)
            try bench.settler.explain(entry, report, commit: &commit)
            #expect(try bench.settler.bury(entry, now: bench.now, commit: &commit) == .settled)
        case .hold: try bench.move("processing/\(name)", "hold/\(name)")
        case .processing, .incoming: break
        }
    }

    @Test("is loaded with the bytes that are posted, and without any other file")
    func loaded() throws {
        let work = try #require(try load().work)
        #expect(
            work.event.type == "subscription.recovered" && work.event.subject == "crm" && work.log.deliveries.isEmpty)
        #expect(bench.files == ["processing/\(name)", "processing/\(name).attempts"])
    }

    @Test(
        "that a person moves back is retried, replayed or released, alone and with its sidecars",
        arguments: [(State.dead, "retry"), (.done, "replay"), (.hold, "resume")], [false, true])
    func comesBack(from: (state: State, round: String), whole: Bool) throws {
        try settle(in: from.state, delivered: from.state != .dead)
        let sidecars = bench.files.filter { $0.hasPrefix("\(from.state)/\(name).") }
        if whole, from.state != .hold {
            for sidecar in sidecars { try bench.move(sidecar, "incoming/" + sidecar.split(separator: "/")[1]) }
        }
        try bench.move("\(from.state)/\(name)", "incoming/\(name)")
        #expect(try bench.claim(name).story == "claimed, \(from.round)")
        #expect(try load().work != nil)
        #expect(bench.files == ["processing/\(name)", "processing/\(name).attempts"])
        #expect(try bench.rounds("processing/\(name).attempts") == [from.round])
    }

    // Between the mark and the move a crash leaves `.attempts` in one place or the other: the replay must not be lost.
    @Test("whose return a crash interrupted is marked once", arguments: [false, true])
    func interrupted(isBrought: Bool) throws {
        try settle(in: .done)
        try bench.move("done/\(name)", "incoming/\(name)")
        #expect(try bench.claim(name).story == "claimed, replay")
        try bench.move("processing/\(name)", "incoming/\(name)")
        if !isBrought { try bench.move("processing/\(name).attempts", "done/\(name).attempts") }
        _ = try bench.claim(name)
        #expect(try bench.rounds("processing/\(name).attempts") == ["replay"])
        #expect(try bench.log("processing/\(name).attempts").deliveries.allSatisfy { $0.notBefore != nil })
    }

    @Test("that comes from outside is refused, whatever it holds and whether or not one of that name stands")
    func forged() throws {
        let other = "+evt_\(String(repeating: "0", count: 32)).json"
        try bench.put(try bench.text("processing/\(name)"), "incoming/\(other)")
        #expect(try bench.claim(other).story.hasPrefix("refused: only Billhook"))
        try bench.put("{}", "incoming/\(name)")
        #expect(try bench.claim(name).story.hasPrefix("refused: only Billhook"))
        #expect(bench.files.contains("incoming/\(name)") && bench.files.contains("processing/\(name)"))
    }

    @Test("under a second name is one entry")
    func twin() throws {
        try bench.link("processing/\(name)", "incoming/\(name)")
        #expect(try bench.claim(name).story == "duplicate of processing")
        #expect(bench.files == ["processing/\(name)", "processing/\(name).attempts"])
    }

    @Test("that was changed goes to dead/, and is not posted", arguments: ["", "{}", #"{"type":"a b"}"#])
    func changed(content: String) throws {
        try bench.put(content, "processing/\(name)")
        #expect(try load().story == "rejected: malformed_event")
    }
}
