import Claim
import Deliver
import Files
import Process
import Settle
import Spool
import TestSupport
import Testing
import Times

/// What a crash leaves between two steps that no other story of a crash meets.
@Suite("What a crash left half done")
struct LeftoverTests {
    @Test("a drop aside whose bytes a power cut took goes back to wait for its rest")
    func emptied() throws {
        let bench = try Bench()
        try bench.put("", ".billhook/aside/k.json~00112233")
        let drop = try #require(Drop(aside: "k.json~00112233"))
        #expect(try bench.claim(drop, .seen).story == "vanished")
        #expect(bench.files == ["incoming/k.json"])
    }

    @Test("an .invoice that was to follow its .attempts into processing/ does so, and is not made anew")
    func invoiceBehind() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let invoice = try bench.text("done/k.json.invoice")
        try bench.move("done/k.json", "processing/k.json")
        try bench.move("done/k.json.attempts", "processing/k.json.attempts")
        _ = try #require(try bench.load("k").work)
        #expect(try bench.text("processing/k.json.invoice") == invoice)
        #expect(bench.files == ["processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts"])
    }

    @Test("an empty .attempts, made by a touch of a request that had just gone, goes; one with lines stays")
    func touchedTooLate() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let settled = bench.files
        try bench.put("", "processing/k.json.attempts")
        #expect(try bench.load("k").story == "vanished")
        #expect(bench.files == settled)
        try bench.put("{}\n", "processing/k.json.attempts")
        #expect(try bench.load("k").story == "vanished")
        #expect(bench.files == settled.union(["processing/k.json.attempts"]))
    }

    @Test("an empty .attempts of a request that is parked stays: it says when the processor is due")
    func parkedBeforeProcessed() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "hold/k.json")
        try bench.put("", "processing/k.json.attempts")
        #expect(try bench.load("k").story == "vanished")
        #expect(bench.files == ["hold/k.json", "processing/k.json.attempts"])
    }

    @Test(
        "an empty .invoice, made for a claim that a crash cut off, takes no key and makes nothing a request that came back"
    )
    func unwrittenInvoice() throws {
        let bench = try Bench()
        try bench.put("", "processing/k.json.invoice")
        try bench.put(Bench.other, "incoming/k.json")
        let work = try #require(try bench.take("k.json").work)
        #expect(try bench.record("processing/k.json.invoice").id == work.event.invoiceID)
        #expect(bench.files == ["processing/k.json", "processing/k.json.invoice"])
    }

    @Test(
        "beside a request that turns out to be invalid such an .invoice goes: its key is free",
        arguments: [State.incoming, .processing])
    func unwrittenInvoiceOfInvalid(from state: State) throws {
        let bench = try Bench()
        try bench.put("", "processing/k.json.invoice")
        try bench.put(Bench.refused, "\(state.rawValue)/k.json")
        let outcome = state == .incoming ? try bench.take("k.json") : try bench.load("k")
        #expect(outcome.story == "rejected: missing_field")
        #expect(try bench.bury("k") == .settled)
        #expect(bench.files == ["dead/k.json", "dead/k.json.error"])
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.take("k.json").work != nil)
    }

    @Test("an invalid drop has no .invoice made for it")
    func invalid() throws {
        let bench = try Bench()
        try bench.put(Bench.refused, "incoming/k.json")
        #expect(try bench.take("k.json").story.hasPrefix("rejected"))
        #expect(bench.files == ["processing/k.json"])
    }

    @Test("a drop that meets a request without .invoice leaves none behind but that one's own")
    func metByRename() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "processing/k.json")
        try bench.put(Bench.paidAnew, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "duplicate of processing")
        let id = try #require(try bench.load("k").work).event.invoiceID
        #expect(try bench.record("processing/k.json.invoice").id == id)
        #expect(bench.files == ["processing/k.json", "processing/k.json.invoice"])
    }

    @Test("an .invoice that is written anew is a file of its own, and nothing that a producer put into tmp/")
    func renewedInvoice() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "processing/k.json")
        try bench.put("what was made of it", "processing/k.json.invoice")
        try bench.put("forged", "tmp/k.json.invoice")
        // A crash in the middle of it left this.
        try bench.put("what was", ".billhook/k.json.invoice")
        let first = try #require(try bench.spool.processing.status("k.json.invoice")).identity
        try bench.preparation.renewInvoice(of: Key("k")!)
        #expect(try #require(try bench.spool.processing.status("k.json.invoice")).identity != first)
        #expect(try bench.text("processing/k.json.invoice") == "what was made of it")
        #expect(try bench.text("tmp/k.json.invoice") == "forged")
        #expect(try !bench.spool.own.contains("k.json.invoice"))
    }

    @Test("an .error of a burial that was broken off goes when its request goes on")
    func halfBuried() throws {
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        try bench.move("dead/k.json", "processing/k.json")
        _ = try #require(try bench.load("k").work)
        #expect(bench.files == ["processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts"])
    }

    @Test("a sidecar that is linked into processing/ and not yet unlinked loses its old name", arguments: State.taking)
    func linkedSidecar(state: State) throws {
        guard state != .processing else { return }
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        try bench.move("dead/k.json", "incoming/k.json")
        if state != .dead { try bench.move("dead/k.json.attempts", "\(state)/k.json.attempts") }
        try bench.link("\(state)/k.json.attempts", "processing/k.json.attempts")
        #expect(try bench.claim("k.json").story == "claimed, retry")
        #expect(bench.files == ["processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts"])
    }

    @Test("a processed request whose .invoice a person's mv has just taken from beside it still has its key")
    func invoiceUnderWay() throws {
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        try bench.move("dead/k.json.invoice", "incoming/k.json.invoice")
        try bench.put(Bench.other, "incoming/k.json")
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        #expect(try bench.claim("k.json").story == "conflict \(name)")
        #expect(try bench.text("dead/k.json") == Bench.paid)
    }

    @Test("a request that was claimed and not processed gets the id that its processor has been told, also later")
    func sameID() throws {
        let bench = try Bench(usesProcessor: true)
        try bench.put(Bench.paid, "incoming/k.json")
        guard case .unprocessed(let first) = try bench.take("k.json") else { throw BenchError.notClaimed("k.json") }
        var commit = Commit(.process)
        let later = try bench.preparation.load(first.key, now: bench.now + .seconds(60), commit: &commit)
        guard case .unprocessed(let second) = later else { throw BenchError.notClaimed("k.json") }
        #expect(second.invoice.id == first.invoice.id)
    }
}
