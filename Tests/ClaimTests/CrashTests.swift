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

/// Each story builds by hand what a crash after some step leaves, and starts again: twice, since a recovery can be cut
/// off too.
@Suite("After a crash")
struct CrashTests {
    private static let claimed: Set<String> = [
        "processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts",
    ]

    private func recoversTwice(_ bench: Bench, to files: Set<String>, _ place: SourceLocation = #_sourceLocation) throws
    {
        try bench.recover()
        #expect(bench.files == files, sourceLocation: place)
        try bench.recover()
        #expect(bench.files == files, sourceLocation: place)
    }

    @Test("right after the claim, the request is processed")
    func afterClaim() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/k.json")
        _ = try bench.claim("k.json")
        try recoversTwice(bench, to: ["processing/k.json", "processing/k.json.invoice"])
    }

    @Test("between link and unlink of a claim, the second name goes")
    func twinClaim() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "processing/k.json")
        try bench.link("processing/k.json", "incoming/k.json")
        try recoversTwice(bench, to: ["processing/k.json", "processing/k.json.invoice"])
    }

    @Test("between link and unlink of setting aside, nothing is lost and nothing comes twice")
    func twinAside() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let before = bench.files
        try bench.put(Bench.other, "incoming/k.json")
        try bench.link("incoming/k.json", ".billhook/aside/k.json~00112233")
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        try recoversTwice(bench, to: before.union(["dead/\(name)", "dead/\(name).error"]))
    }

    @Test("between link and unlink of a claim from aside/, what was rejected meanwhile is no request that came again")
    func twinOfTheDead() throws {
        let bench = try Bench()
        try bench.put(Bench.other, "dead/k.json")
        try bench.put("{}", "dead/k.json.error")
        let before = bench.files
        try bench.link("dead/k.json", ".billhook/aside/k.json~00112233")
        try recoversTwice(bench, to: before)
    }

    enum Return: CaseIterable {
        case nothing, attemptsMoved, marked, markTorn, errorRemoved, invoiceMoved
    }

    @Test("in the middle of a retry, it goes on, with one mark", arguments: Return.allCases)
    func retry(step: Return) throws {
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        try leave(bench, .dead, "retry", step)
        try recoversTwice(bench, to: CrashTests.claimed)
        #expect(try bench.rounds("processing/k.json.attempts") == ["retry"])
        #expect(try bench.log("processing/k.json.attempts").hasGivenUp == false)
    }

    @Test("in the middle of a replay, it goes on, with one mark", arguments: Return.allCases)
    func replay(step: Return) throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        try leave(bench, .done, "replay", step)
        try recoversTwice(bench, to: CrashTests.claimed)
        #expect(try bench.rounds("processing/k.json.attempts") == ["replay"])
        #expect(try bench.log("processing/k.json.attempts").deliveries.allSatisfy { $0.notBefore != nil })
    }

    /// A person has moved the request to incoming/, and its claim was cut off after a step.
    private func leave(_ bench: Bench, _ state: State, _ round: String, _ last: Return) throws {
        try bench.move("\(state)/k.json", "incoming/k.json")
        let steps = Return.allCases
        guard let count = steps.firstIndex(of: last) else { return }
        for step in steps[...count] {
            switch step {
            case .nothing: break
            case .attemptsMoved: try bench.move("\(state)/k.json.attempts", "processing/k.json.attempts")
            case .marked where last != .markTorn: try bench.mark(round, torn: false)
            case .markTorn where last == .markTorn: try bench.mark(round, torn: true)
            case .marked, .markTorn: break
            case .errorRemoved: if state == .dead { try bench.remove("dead/k.json.error") }
            case .invoiceMoved: try bench.move("\(state)/k.json.invoice", "processing/k.json.invoice")
            }
        }
    }

    enum Aside: CaseIterable {
        case alone, explained, twin
    }

    @Test("while a drop is compared, a conflict still ends in dead/", arguments: Aside.allCases)
    func conflict(step: Aside) throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        let expected = bench.files.union(["dead/\(name)", "dead/\(name).error"])
        try bench.put(Bench.other, ".billhook/aside/k.json~00112233")
        if step != .alone { try bench.put("{", "dead/\(name).error") }
        if step == .twin { try bench.link(".billhook/aside/k.json~00112233", "dead/\(name)") }
        try recoversTwice(bench, to: expected)
        #expect(try bench.errorCode("dead/\(name).error") == "conflict")
    }

    @Test("while a drop is compared, a duplicate is still removed")
    func duplicate() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let before = bench.files
        try bench.put(Bench.paidAnew, ".billhook/aside/k.json~00112233")
        try recoversTwice(bench, to: before)
    }

    @Test("while a drop is compared with a request that has gone since, it becomes the request")
    func freed() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, ".billhook/aside/k.json~00112233")
        try recoversTwice(bench, to: ["processing/k.json", "processing/k.json.invoice"])
    }

    // A conflict aside was taken for the request itself, edited, when that stood in incoming/ for a retry.
    @Test("while a conflict is compared with a request that a person retries meanwhile, each stays what it is")
    func conflictDuringRetry() throws {
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        try bench.put(Bench.other, ".billhook/aside/k.json~00112233")
        try bench.move("dead/k.json", "incoming/k.json")
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        try recoversTwice(bench, to: CrashTests.claimed.union(["dead/\(name)", "dead/\(name).error"]))
        #expect(try bench.text("processing/k.json") == Bench.paid)
    }

    @Test("while an edited request is put back into dead/, it still ends there with its sidecars", arguments: 0...3)
    func edited(steps: Int) throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        try bench.remove("done/k.json")
        try bench.put(Bench.other, "incoming/k.json")
        if steps > 0 { try bench.put("{", "dead/k.json.error") }
        if steps > 1 { try bench.move("done/k.json.attempts", "dead/k.json.attempts") }
        if steps > 2 { try bench.move("done/k.json.invoice", "dead/k.json.invoice") }
        try recoversTwice(
            bench, to: ["dead/k.json", "dead/k.json.error", "dead/k.json.attempts", "dead/k.json.invoice"])
        #expect(try bench.errorCode("dead/k.json.error") == "conflict")
    }

    enum Settling: CaseIterable {
        case nothing, attemptsMoved, attemptsTwin, invoiceMoved, requestTwin
    }

    @Test("in the middle of settling, it is gathered and settled", arguments: [State.done, .dead], Settling.allCases)
    func settling(state: State, step: Settling) throws {
        let bench = try Bench()
        try bench.settle("k", in: .processing, delivered: state == .done)
        let id = try bench.record("processing/k.json.invoice").id
        if state == .dead { try bench.put("{", "dead/k.json.error") }
        switch step {
        case .nothing: break
        case .attemptsMoved: try bench.move("processing/k.json.attempts", "\(state)/k.json.attempts")
        case .attemptsTwin: try bench.link("processing/k.json.attempts", "\(state)/k.json.attempts")
        case .invoiceMoved, .requestTwin:
            try bench.move("processing/k.json.attempts", "\(state)/k.json.attempts")
            try bench.move("processing/k.json.invoice", "\(state)/k.json.invoice")
            if step == .requestTwin { try bench.link("processing/k.json", "\(state)/k.json") }
        }
        let work = try #require(try bench.load("k").work)
        #expect(work.event.invoiceID == id)
        #expect(work.log.deliveries.count == 1)
        #expect(try state == .done ? bench.finish("k") == .settled : bench.bury("k") == .settled)
        var settled: Set<String> = ["\(state)/k.json", "\(state)/k.json.invoice", "\(state)/k.json.attempts"]
        if state == .dead { settled.insert("dead/k.json.error") }
        #expect(bench.files == settled)
        try recoversTwice(bench, to: settled)
    }

    @Test(
        "in the middle of settling at once, what was not recorded is delivered again",
        arguments: ["", "{\"delivery_id\":"])
    func settlingAtOnce(written: String) throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/k.json")
        let id = try #require(try bench.take("k.json").work).event.invoiceID
        try bench.put(written, "done/k.json.attempts")
        let work = try #require(try bench.load("k").work)
        #expect(work.event.invoiceID == id && work.log.deliveries.isEmpty)
        #expect(work.log.needsNewline == !written.isEmpty)
        #expect(bench.files == CrashTests.claimed)
    }

    @Test("between the .error and the burial of a rejected request, it is rejected again")
    func burying() throws {
        let bench = try Bench()
        try bench.put(Bench.refused, "processing/k.json")
        try bench.put("{", "dead/k.json.error")
        #expect(try bench.load("k").story == "rejected: missing_field")
        #expect(try bench.bury("k") == .settled)
        #expect(bench.files == ["dead/k.json", "dead/k.json.error"])
    }

    // An old request that a person restored from the archive stood in done/ when the new one of its key was loaded: the
    // new one took the old one's .invoice for its own and was never processed.
    @Test("a request never takes the sidecars of another one that stands beside them")
    func restoredMeanwhile() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let old = try bench.text("done/k.json.invoice")
        try bench.put(Bench.other, "processing/k.json")
        let work = try #require(try bench.load("k").work)
        #expect(String(decoding: work.event.body, as: UTF8.self).contains("\"amount_cents\":999,"))
        #expect(try bench.text("done/k.json.invoice") == old)
        #expect(bench.files.contains("done/k.json.attempts"))
    }
}

extension Bench {
    /// Appends a round mark by hand to what stands in processing/.
    fileprivate func mark(_ round: String, torn: Bool) throws {
        guard let kind = AttemptLine.Round(rawValue: round) else { return }
        let line = String(decoding: AttemptLine.round(kind: kind, at: now).encoded(), as: UTF8.self)
        let before = try text("processing/k.json.attempts")
        try put(before + (torn ? String(line.prefix(line.count / 2)) : line), "processing/k.json.attempts")
    }
}
