import Claim
import Deliver
import Files
import Foundation
import Process
import Settle
import Spool
import TestSupport
import Testing
import Times

@Suite("A processed request that comes back")
struct ReturnTests {
    static let whole: Set<String> = [
        "processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts",
    ]

    @Test(
        "has its sidecars beside it, the same invoice, and one mark for what it came back for",
        arguments: [(State.done, "replay"), (.dead, "retry"), (.hold, "resume"), (.processing, "resume")],
        [Durability.full, .process])
    func comesBack(from: (state: State, round: String), durability: Durability) throws {
        let bench = try Bench(durability: durability)
        try bench.settle("k", in: from.state)
        let name = "\(from.state)/k.json.invoice"
        let invoice = try bench.text(bench.files.contains(name) ? name : "processing/k.json.invoice")
        try bench.move("\(from.state)/k.json", "incoming/k.json")
        #expect(try bench.take("k.json").work?.key.name == "k")
        #expect(bench.files == ReturnTests.whole)
        #expect(try bench.text("processing/k.json.invoice") == invoice)
        #expect(try bench.rounds("processing/k.json.attempts") == [from.round])
        #expect(try bench.log("processing/k.json.attempts").deliveries.first?.attempts == 1)
    }

    @Test("twice is marked twice")
    func twice() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        for _ in 1...2 {
            try bench.move("done/k.json", "incoming/k.json")
            try bench.take("k.json")
            try bench.record([Bench.attempt(2, delivered: true)], for: "k")
            #expect(try bench.finish("k") == .settled)
        }
        #expect(try bench.rounds("done/k.json.attempts") == ["replay", "replay"])
    }

    // The mark of a release that found nothing left to do was taken for the replay's own, and nobody was called.
    @Test("to be replayed is marked so although a release from hold/ came last")
    func replayAfterResume() throws {
        let bench = try Bench()
        try bench.settle("k", in: .hold)
        try bench.move("hold/k.json", "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.finish("k") == .settled)
        try bench.move("done/k.json", "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.rounds("processing/k.json.attempts") == ["resume", "replay"])
        #expect(try bench.log("processing/k.json.attempts").deliveries.allSatisfy { $0.notBefore != nil })
    }

    @Test("to be retried is marked so although a release from hold/ came last")
    func retryAfterResume() throws {
        let bench = try Bench()
        try bench.settle("k", in: .hold, delivered: false)
        try bench.move("hold/k.json", "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.bury("k") == .settled)
        try bench.move("dead/k.json", "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.rounds("processing/k.json.attempts") == ["resume", "retry"])
        #expect(try bench.log("processing/k.json.attempts").hasGivenUp == false)
    }

    @Test("from done/ is replayed, whatever .error is left over elsewhere", arguments: [State.dead, .incoming])
    func staleError(state: State) throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        try bench.put("{}", "\(state)/k.json.error")
        try bench.move("done/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed, replay")
        #expect(bench.files == ReturnTests.whole)
    }

    @Test("edited after it was processed, returns to dead/ under its own name", arguments: [State.done, .dead, .hold])
    func edited(state: State) throws {
        let bench = try Bench(durability: .full)
        try bench.settle("k", in: state)
        try bench.put(Bench.other, "\(state)/k.json")
        try bench.move("\(state)/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "conflict k.json")
        let dead: Set<String> = [
            "dead/k.json", "dead/k.json.error", "dead/k.json.invoice", "dead/k.json.attempts",
        ]
        #expect(bench.files == dead)
        #expect(try bench.errorCode("dead/k.json.error") == "conflict")
        #expect(try bench.rounds("dead/k.json.attempts") == [])

        try bench.put(Bench.paid, "dead/k.json")
        try bench.move("dead/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed, retry")
        #expect(bench.files == ReturnTests.whole)
    }

    @Test("with all its sidecars moved along is known by them, since Billhook's user owns them")
    func movedTogether() throws {
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        let id = try bench.record("dead/k.json.invoice").id
        for suffix in ["", ".invoice", ".attempts", ".error"] {
            try bench.move("dead/k.json\(suffix)", "incoming/k.json\(suffix)")
        }
        #expect(try bench.take("k.json").work?.event.invoiceID == id)
        #expect(bench.files == ReturnTests.whole)
        #expect(try bench.rounds("processing/k.json.attempts") == ["retry"])
    }

    @Test("parked with its sidecars goes on where it stopped")
    func parkedWhole() throws {
        let bench = try Bench()
        try bench.settle("k", in: .processing, delivered: false)
        for suffix in ["", ".invoice", ".attempts"] {
            try bench.move("processing/k.json\(suffix)", "hold/k.json\(suffix)")
        }
        try bench.move("hold/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed, resume")
        #expect(bench.files == ReturnTests.whole)
    }

    @Test("restored from the archive and replayed, it is replayed")
    func restored() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        try bench.spool.archive(try Bench.key("k"), from: .done, now: bench.now)
        #expect(bench.files.allSatisfy { $0.hasPrefix("archive/") })
        for suffix in [".attempts", ".invoice", ""] {
            try bench.move("archive/\(bench.now.day)/k.json\(suffix)", "done/k.json\(suffix)")
        }
        try bench.move("done/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed, replay")
    }
}

@Suite("Sidecars in incoming/ that a producer could have put there")
struct ForgeryTests {
    /// A real invoice of another spool, whose key and request fit.
    private func forged() throws -> (invoice: String, attempts: String) {
        let elsewhere = try Bench()
        try elsewhere.settle("k", in: .done)
        return (try elsewhere.text("done/k.json.invoice"), try elsewhere.text("done/k.json.attempts"))
    }

    @Test("are not believed if somebody else owns them", .enabled(if: geteuid() == 0))
    func foreignOwner() throws {
        let bench = try Bench()
        let (invoice, attempts) = try forged()
        try bench.put(invoice, "incoming/k.json.invoice")
        try bench.put(attempts, "incoming/k.json.attempts")
        for suffix in ["invoice", "attempts"] {
            #expect(chown(bench.scratch.path("spool/incoming/k.json.\(suffix)"), 65534, 65534) == 0)
        }
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed")
        #expect(
            bench.files == ["processing/k.json", "incoming/k.json.invoice", "incoming/k.json.attempts"])
    }

    @Test("are believed if Billhook's user owns them and they fit")
    func own() throws {
        let bench = try Bench()
        try bench.put(try forged().invoice, "incoming/k.json.invoice")
        try bench.put(Bench.paid, "incoming/k.json")
        // Nothing is undelivered: it was moved here from done/ with all that was beside it.
        #expect(try bench.claim("k.json").story == "claimed, replay")
        #expect(bench.files.contains("processing/k.json.invoice"))
    }

    @Test("take the key all the same if Billhook's user owns them: a changed request does not bill again")
    func misfit() throws {
        let bench = try Bench()
        try bench.put(try forged().invoice, "incoming/k.json.invoice")
        try bench.put(Bench.other, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "conflict k.json")
        #expect(bench.files == ["dead/k.json", "dead/k.json.invoice", "dead/k.json.error"])
    }

    @Test("are not believed if they are of another key")
    func otherKey() throws {
        let bench = try Bench()
        try bench.put(try forged().invoice, "incoming/l.json.invoice")
        try bench.put(Bench.paid, "incoming/l.json")
        #expect(try bench.claim("l.json").story == "claimed")
    }

    @Test("are not believed if they are symlinks")
    func symlink() throws {
        let bench = try Bench()
        try bench.put(try forged().invoice, "tmp/forged")
        try FileManager.default.createSymbolicLink(
            atPath: bench.scratch.path("spool/incoming/k.json.invoice"), withDestinationPath: "../tmp/forged")
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed")
    }

    @Test("don't count against what really stands elsewhere")
    func realOneElsewhere() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let id = try bench.record("done/k.json.invoice").id
        try bench.put(try forged().invoice, "incoming/k.json.invoice")
        try bench.move("done/k.json", "incoming/k.json")
        #expect(try bench.take("k.json").work?.event.invoiceID == id)
    }
}
