import Claim
import Deliver
import Files
import Foundation
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("What the processor made of a request")
struct CompletionTests {
    private let bench: Bench

    init() throws {
        bench = try Bench(usesProcessor: true)
    }

    private func assignment(_ outcome: Preparation.Outcome) throws -> Assignment {
        guard case .unprocessed(let assignment) = outcome else { throw BenchError.notClaimed(outcome.story) }
        return assignment
    }

    private func take() throws -> Assignment {
        try bench.put(Bench.paid, "incoming/k.json")
        return try assignment(try bench.take("k.json"))
    }

    private func complete(_ assignment: Assignment, _ verdict: Completion.Verdict = .processed(result: nil)) throws
        -> Preparation.Outcome
    {
        var commit = Commit(bench.durability)
        let outcome = try bench.preparation.complete(Completion(assignment, verdict), now: bench.now, commit: &commit)
        try commit.flush(bench.spool)
        return outcome
    }

    private var failed: Completion.Verdict {
        .failed(ErrorReport(code: "c", message: "m", stage: .process, hint: "h", at: bench.now))
    }

    private func hasInvoice() throws -> Bool { try bench.spool.processing.contains("k.json.invoice") }

    @Test("a claim leaves no .invoice, and what was made of it makes one, with the id it was told")
    func completes() throws {
        let assignment = try take()
        #expect(try !hasInvoice())
        let work = try #require(try complete(assignment, .processed(result: Array("{\"n\":1}".utf8))).work)
        #expect(work.event.invoiceID == assignment.invoice.id && work.attemptsModified == nil)
        #expect(String(decoding: work.event.body, as: UTF8.self).contains("\"result\":{\"n\":1}"))
        #expect(try bench.load("k").work?.event == work.event, "it is read back and not processed again")
    }

    @Test("loaded again before that, it is the same assignment")
    func same() throws {
        let assignment = try take()
        #expect(try assignment.isSame(as: self.assignment(bench.load("k"))))
    }

    @Test("a failure writes no .invoice")
    func fails() throws {
        #expect(try complete(try take(), failed).story == "rejected: c")
        #expect(try !hasInvoice())
    }

    @Test(
        "a request that is parked, or just being released, keeps its result beside processing/",
        arguments: ["hold", "incoming"])
    func moved(place: String) throws {
        let assignment = try take()
        try bench.move("processing/k.json", "\(place)/k.json")
        #expect(try complete(assignment).story == "vanished")
        #expect(try hasInvoice())
        if place == "hold" { try bench.move("hold/k.json", "incoming/k.json") }
        #expect(try bench.take("k.json").story == "ready")
    }

    @Test("of a request that was removed, replaced or edited nothing is written", arguments: ["rm", "other", "edit"])
    func gone(how: String) throws {
        let assignment = try take()
        try bench.remove("processing/k.json")
        if how == "other" { try bench.put(Bench.other, "processing/k.json") }
        if how == "edit" { try bench.put(Bench.paid + " ", "processing/k.json") }
        for verdict in [failed, .processed(result: nil)] {
            #expect(try complete(assignment, verdict).story == "vanished")
        }
        #expect(try !hasInvoice())
    }

    @Test("how long it waits, and was told to wait, stands in the times of .attempts")
    func waits() throws {
        let fresh = try take()
        #expect(fresh.notBefore == nil && fresh.waited == .zero)
        try bench.put("", "processing/k.json.attempts")
        let due = Date().addingTimeInterval(100)
        try FileManager.default.setAttributes(
            [.modificationDate: due], ofItemAtPath: bench.scratch.path("spool/processing/k.json.attempts"))
        let later = try assignment(try bench.load("k"))
        #expect(later.notBefore?.unixSeconds == Int64(due.timeIntervalSince1970))
        #expect((Duration.seconds(90)...(.seconds(101))).contains(later.waited))
        #expect(!later.isSame(as: fresh))
    }
}
