import Deliver
import Files
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("Show")
struct ShowTests {
    private static let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)

    private func show(_ fixture: SpoolFixture, _ name: String) throws -> KeyReport {
        try #require(try KeyInspector(fixture.spool).inspect(fixture.key(name), now: Self.now))
    }

    @Test("a request that waits for its next attempt tells to whom and when")
    func waiting() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        try fixture.subscribe("erp")
        let invoice = try fixture.putProcessed("a", .processing)
        let due = Self.now + .seconds(252)
        try fixture.put(
            .attempts, of: "a", .processing,
            fixture.attempt(invoice, to: "erp", 1, next: Self.now) + fixture.attempt(invoice, to: "erp", 2, next: due))
        try fixture.setSchedule(of: "a", to: due)
        let report = try show(fixture, "a")
        #expect(report.next == NextStep("Attempt 3 to erp in 4m 12s.", at: due))
        #expect(report.deliveries.map(\.attempts) == [2])
        let text = report.text(now: Self.now)
        let delivery = "erp: due in 4m 12s, 2 attempts, the last one http 503 at 2023-11-14T22:13:20.000Z"
        #expect(text.contains("delivery   \(delivery)"))
        #expect(text.hasSuffix("next       Attempt 3 to erp in 4m 12s.\n"))
        _ = consume lock
    }

    @Test("an event of its own tells what it is, whom it waits for, and how it goes on")
    func entry() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        try fixture.subscribe("erp")
        let name = try fixture.putEntry(.processing)
        let report = try show(fixture, name)
        // Raised long ago.
        #expect(report.next == NextStep("Attempt 1 to erp is due, and made when its turn comes.", at: Self.now))
        #expect(report.text(now: Self.now).contains("event      invoice.failed, raised at 2023-11-14T22:13:20.000Z"))
        #expect(String(decoding: report.encoded(), as: UTF8.self).contains(#""event":{"type":"invoice.failed","#))
        #expect(try KeySearch.key("processing/\(name).json.attempts").name == name)
        #expect(try KeySearch.key(name).name == name)
        try fixture.scratch.write("", to: "spool/subscriptions/erp.disabled")
        #expect(try show(fixture, name).next.sentence == "It moves to dead/ at once.")
        #expect(try show(fixture, name).text(now: Self.now).contains("erp: given up, its subscription is disabled"))
        _ = consume lock
    }

    @Test("a paused subscription, a broken one and a spool that nobody serves are each given as the reason")
    func reasons() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        try fixture.putProcessed("a", .processing, at: Self.now)
        #expect(try show(fixture, "a").next.sentence.hasPrefix("Nothing until somebody serves this spool"))
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        #expect(try show(fixture, "a").next == NextStep("Attempt 1 to erp now.", at: Self.now))
        try fixture.scratch.write("", to: "spool/subscriptions/erp.paused")
        let file = fixture.spool.commands.file("subscriptions/erp.paused")
        #expect(try show(fixture, "a").next.sentence == "Nothing until erp is resumed: rm \(file)")
        try fixture.spool.subscriptions.remove("erp.paused")
        try fixture.scratch.write("{", to: "spool/subscriptions/erp.json")
        let report = try show(fixture, "a")
        #expect(report.next.sentence == "Correct subscriptions/erp.json. \(LastGoodVersion.sentence)")
        #expect(report.text(now: Self.now).contains("broken, so it waits unless the daemon has a last good version"))
        _ = consume lock
    }

    @Test("what is due and not made yet says what it waits for, as far as that can be known")
    func due() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: SpoolLock.holderName(processID: 7))
        try fixture.subscribe("erp")
        let invoice = try fixture.putProcessed("a", .processing)
        let due = Self.now - .seconds(60)
        try fixture.put(.attempts, of: "a", .processing, fixture.attempt(invoice, to: "erp", next: due))
        try fixture.setSchedule(of: "a", to: due)
        let overdue = try show(fixture, "a")
        #expect(overdue.next == NextStep("Attempt 2 to erp is due, and made when its turn comes.", at: Self.now))
        #expect(overdue.text(now: Self.now).contains("erp: due, and waits for its turn, 1 attempt"))
        let until = Self.now + .seconds(12)
        try fixture.publish(
            at: Self.now, unwell: [LiveStatus.Unwell("erp", failingSince: nil, heldBackUntil: until)])
        let held = try show(fixture, "a")
        #expect(held.next.sentence.hasPrefix("Attempt 2 to erp is held back until erp is called again, in 12s: its"))
        #expect(held.next.at == until)
        #expect(held.text(now: Self.now).contains("erp: due, and held back, 1 attempt"))
        #expect(String(decoding: held.encoded(), as: UTF8.self).contains(#""held_back_until":"\#(until.iso8601)""#))
        let past = LiveStatus.Unwell("erp", failingSince: nil, heldBackUntil: due, isOnTrial: true)
        try fixture.publish(at: Self.now, unwell: [past])
        let onTrial = "Attempt 2 to erp is held back: its receiver fails, and one call at a time is let through."
        #expect(try show(fixture, "a").next == NextStep(onTrial, at: Self.now))
        try fixture.setSchedule(of: "a", to: due - .seconds(60))
        #expect(try show(fixture, "a").next.sentence == "Attempt 2 to erp now.", "a person asked for it")
        _ = consume lock
    }

    @Test("where the order of a customer's invoices is kept, one that is due may wait for an earlier one, and says so")
    func ordered() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        try fixture.scratch.write(
            #"{"url":"http://127.0.0.1:9/hook","ordering":"customer"}"#, to: "spool/subscriptions/erp.json")
        try fixture.putProcessed("a", .processing, at: Self.now)
        let sentence = try show(fixture, "a").next.sentence
        #expect(sentence.hasSuffix("when its turn comes. It may wait for an earlier invoice of the same customer."))
        _ = consume lock
    }

    @Test(
        "each resting place says what a person can do",
        arguments: [(State.done, "replay"), (.dead, "retry"), (.hold, "mv -n /")])
    func resting(state: State, advice: String) throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", state)
        let report = try show(fixture, "a")
        #expect(report.place == .state(state))
        #expect(report.next.sentence.contains(advice))
        #expect(state == .hold || report.next.sentence.hasSuffix(" a --spool \(fixture.spool.path)"))
        #expect(state != .hold || report.next.sentence.hasSuffix("/hold/a.json \(fixture.spool.path)/incoming/"))
        #expect(report.invoice?.amountCents == 1000)
        #expect(report.path == fixture.spool.path.appending(state.rawValue).appending("a.json"))
    }

    @Test(
        "sidecars are found where they stayed when a person moved the request alone",
        arguments: [
            (State.processing, State.hold), (.done, .hold), (.dead, .hold), (.hold, .processing), (.done, .incoming),
            (.dead, .done), (.processing, .dead),
        ])
    func movedAlone(left: State, state: State) throws {
        let fixture = try SpoolFixture()
        let invoice = try fixture.putProcessed("a", left)
        let line = fixture.attempt(invoice, to: "erp")
        try fixture.put(.attempts, of: "a", left, line)
        try fixture.spool.directory(left).remove("a.json")
        try fixture.put("a", state)
        let report = try show(fixture, "a")
        #expect(report.place == .state(state) && report.invoice?.id == invoice.id)
        #expect(report.deliveries.map(\.subscription) == ["erp"] || state == .processing)
    }

    @Test("sidecars beside another request of the key are not taken for its own")
    func others() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .dead)
        try fixture.put("a", .hold)
        try fixture.put("a", .processing)
        let report = try show(fixture, "a")
        #expect(report.place == .state(.processing) && report.invoice == nil)
    }

    @Test("an archived request is found under its day, and its key is free")
    func archived() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write(SpoolFixture.request(), to: "spool/archive/2026-11-21/a.json")
        let report = try show(fixture, "a")
        #expect(report.place == .archive(day: "2026-11-21"))
        #expect(report.next.sentence.contains("its key is free"))
    }

    @Test("the .error, the conflicting drops and a drop that waits are shown with a dead request")
    func dead() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: Self.now)
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abcd.json")
        try fixture.scratch.write("{}", to: "spool/dead/ab.conflict-0123abcd.json")
        try fixture.put("a", .incoming)
        let report = try show(fixture, "a")
        #expect(report.error?.code == "delivery_failed")
        #expect(report.conflicts.map { $0.path.lastComponent?.string } == ["a.conflict-0123abcd.json"])
        #expect(report.hasWaitingDrop)
        #expect(String(decoding: report.encoded(), as: UTF8.self).contains(#""error":{"code":"delivery_failed""#))
    }

    @Test("a request that was edited after it was processed is told to undo that, as its .error does, and not to retry")
    func edited() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .dead)
        let hint = "Undo the edit and move it to incoming/ again; or give the edited file a new key."
        let error = ErrorReport(
            code: ErrorReport.conflictCode, message: "It was processed with other content.", stage: .claim, hint: hint,
            at: Self.now)
        try fixture.put(.error, of: "a", .dead, String(decoding: error.encoded(), as: UTF8.self))
        let sentence = try show(fixture, "a").next.sentence
        #expect(sentence == "Nothing: it was edited after it had been processed. \(hint)")
    }

    @Test("what a disabled subscription missed is retried once that is enabled, and it says so until then")
    func disabled() throws {
        let fixture = try SpoolFixture()
        for name in ["erp", "shop"] { try fixture.subscribe(name) }
        try fixture.putDead("a", at: Self.now)
        let invoice = try fixture.invoice("a")
        let lines = fixture.attempt(invoice, to: "erp") + fixture.attempt(invoice, to: "shop")
        try fixture.put(.attempts, of: "a", .dead, lines)
        try fixture.scratch.write("", to: "spool/subscriptions/erp.disabled")
        let commands = fixture.spool.commands
        #expect(
            try show(fixture, "a").next.sentence
                == "Nothing: it was given up on, and erp is disabled. Once the receiver is well, use:"
                + " rm \(commands.file("subscriptions/erp.disabled")) and then: \(commands.billhook("retry a"))")
        try fixture.spool.subscriptions.remove("erp.disabled")
        #expect(try show(fixture, "a").next.sentence.hasPrefix("Nothing: it was given up on. Resume"))
    }

    @Test(
        "a delivery whose request rests, or was removed, is not said to be due", arguments: [State.dead, .hold, .done])
    func notDue(state: State) throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        let invoice = try fixture.putProcessed("a", state)
        let lines = fixture.attempt(invoice, to: "erp", next: Self.now + .seconds(252))
        try fixture.put(.attempts, of: "a", state, lines)
        func check() throws {
            let report = try show(fixture, "a")
            #expect(report.deliveries.map(\.state) == [.resting])
            let text = report.text(now: Self.now)
            #expect(text.contains("erp: not delivered, and not due, 1 attempt,") && !text.contains("due in"))
            #expect(!String(decoding: report.encoded(), as: UTF8.self).contains(#""state":"waiting""#))
        }
        try check()
        try fixture.spool.directory(state).remove("a.json")
        try check()
    }

    @Test("a key of which only a conflict or a sidecar stands is found by it")
    func leftovers() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abcd.json")
        #expect(try show(fixture, "a").place == .conflictsOnly)
        try fixture.putProcessed("b", .done)
        try fixture.spool.done.remove("b.json")
        #expect(try show(fixture, "b").place == .removed(sidecarsIn: .done))
    }

    @Test("an incomplete drop says so")
    func incomplete() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        try fixture.put("a", .incoming, #"{"customer"#)
        let report = try show(fixture, "a")
        #expect(report.isIncomplete)
        #expect(report.next.sentence.hasPrefix("It is claimed when its writer has finished it"))
        _ = consume lock
    }

    @Test("an unknown key is an error that names what comes near it")
    func unknown() throws {
        let fixture = try SpoolFixture()
        try fixture.put("INV-7", .done)
        #expect(try KeyInspector(fixture.spool).inspect(fixture.key("inv-7"), now: Self.now) == nil)
        let error = KeySearch(fixture.spool).unknown(try fixture.key("inv-7"))
        #expect(error.kind == .noInput)
        #expect(error.description.hasSuffix("Did you mean INV-7?"))
    }

    @Test("a key may be given as ls shows it")
    func arguments() throws {
        for text in [
            "a", "a.json", "spool/dead/a.json", "a.json.error", "./done/a.json.attempts", "a.conflict-0123abcd",
            "a.conflict-0123abcd.json",
        ] {
            #expect(try KeySearch.key(text).name == "a")
        }
        #expect(try KeySearch.key("inv.part").name == "inv.part")
        #expect(throws: OperateError.self) { try KeySearch.key("no key") }
    }
}
