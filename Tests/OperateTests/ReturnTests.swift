import Deliver
import Files
import Spool
import Synchronization
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("Retry and replay")
struct ReturnTests {
    private static let early = Timestamp(seconds: 1_000, nanoseconds: 0)
    private static let late = Timestamp(seconds: 2_000, nanoseconds: 0)

    private func all(
        _ fixture: SpoolFixture, _ verb: Returner.Verb, _ filter: Returner.Filter = Returner.Filter(),
        dryRun: Bool = false
    ) throws -> [String: Returner.Outcome] {
        var outcomes: [String: Returner.Outcome] = [:]
        _ = try Returner(fixture.spool, verb, filter: filter, dryRun: dryRun).runAll { outcomes[$0] = $1 }
        return outcomes
    }

    @Test("a retried request is back in incoming/, and its sidecars wait for it in dead/")
    func retry() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: Self.early)
        try fixture.putDead("b", at: Self.early)
        var reports: [String] = []
        let tally = try Returner(fixture.spool, .retry).run([fixture.key("a")]) { name, _ in reports.append(name) }
        #expect(tally == Returner.Tally(returned: 1))
        #expect(reports == ["a"])
        #expect(try fixture.names(fixture.spool.incoming) == ["a.json"])
        #expect(
            try fixture.names(fixture.spool.dead) == [
                "a.json.error", "a.json.invoice", "b.json", "b.json.error", "b.json.invoice",
            ])
    }

    @Test("an event of its own is replayed and retried like a request, and by its time")
    func entries() throws {
        let fixture = try SpoolFixture()
        let name = try fixture.putEntry(.done)
        #expect(try all(fixture, .replay, Returner.Filter(until: Self.early)).isEmpty)
        #expect(try all(fixture, .replay, Returner.Filter(since: Self.early)) == [name: .returned])
        #expect(try fixture.names(fixture.spool.incoming) == [name + ".json"])
        #expect(try fixture.names(fixture.spool.done) == [name + ".json.attempts"])
    }

    @Test("a retry by subscription finds what was given up because that one is disabled")
    func disabled() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: Self.early)
        let line = AttemptLine.ended(
            deliveryID: "dlv_1", subscription: "erp", reason: .subscriptionDisabled, at: Self.early)
        try fixture.put(.attempts, of: "a", .dead, String(decoding: line.encoded(), as: UTF8.self))
        #expect(try all(fixture, .retry, Returner.Filter(subscription: "erp")) == ["a": .returned])
    }

    @Test("a subscription that there is not, and that no record names, is an error, and nothing is moved")
    func unknownSubscription() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        try fixture.putDead("a", at: Self.early)
        let line = AttemptLine.ended(
            deliveryID: "dlv_1", subscription: "former", reason: .subscriptionDisabled, at: Self.early)
        try fixture.put(.attempts, of: "a", .dead, String(decoding: line.encoded(), as: UTF8.self))
        try fixture.putProcessed("b", .done)
        for verb in [Returner.Verb.retry, .replay] {
            let error = #expect(throws: OperateError.self) {
                try all(fixture, verb, Returner.Filter(subscription: "epr"))
            }
            #expect(error?.kind == .noInput)
            #expect(error?.description.hasPrefix("There is no subscription 'epr' in ") == true)
            #expect(try all(fixture, verb, Returner.Filter(subscription: "erp")).isEmpty)
        }
        let returner = Returner(fixture.spool, .retry, filter: Returner.Filter(subscription: "epr"))
        #expect(throws: OperateError.self) { try returner.run([fixture.key("a")]) { _, _ in } }
        #expect(try fixture.names(fixture.spool.incoming) == [])
        #expect(try all(fixture, .retry, Returner.Filter(subscription: "former")) == ["a": .returned])
    }

    @Test("a retry or a replay by conditions moves those whose event meets them")
    func matching() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("small", .done, SpoolFixture.request(5))
        try fixture.putProcessed("large", .done, SpoolFixture.request(5000))
        let entry = try fixture.putEntry(.done)
        let large = Returner.Filter(match: try Match(text: #"{"data":{"amount_cents":{"$gt":100}}}"#))
        #expect(try all(fixture, .replay, large) == ["large": .returned])
        let failed = Returner.Filter(match: try Match(text: #"{"type":"invoice.failed"}"#))
        #expect(try all(fixture, .replay, failed) == [entry: .returned])
        try fixture.putDead("rejected", at: Self.early, processed: false)
        #expect(try all(fixture, .retry, large).isEmpty)
        var reasons: [String] = []
        _ = try Returner(fixture.spool, .retry, filter: large).run([fixture.key("rejected")]) { _, outcome in
            if case .skipped(let reason) = outcome { reasons.append(reason) }
        }
        #expect(reasons == ["rejected has no invoice, and so no event that could meet the conditions."])
    }

    @Test("conditions that are none are told of, with the place and the fix")
    func badConditions() {
        let texts = [
            "nonsense": "The conditions are not JSON. ", "[]": "`match` is an array, not an object; write ",
            #"{"dat":1}"#:
                "`match.dat` is no member of an event, which has type, timestamp and data; did you mean `data`?",
        ]
        for (text, beginning) in texts {
            let error = #expect(throws: MatchTextError.self) { _ = try Match(text: text) }
            #expect(error?.description.hasPrefix(beginning) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a key that is not in dead/ is told where it is")
    func elsewhere() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .processing)
        var sentences: [String] = []
        let tally = try Returner(fixture.spool, .retry).run([fixture.key("a"), fixture.key("b")]) { _, outcome in
            if case .notThere(let sentence) = outcome { sentences.append(sentence) }
        }
        #expect(tally == Returner.Tally(notThere: 2))
        #expect(
            sentences == [
                "a stands in processing/, not in dead/: it is under way; try now with"
                    + " '\(fixture.spool.commands.billhook("retry a --state processing"))'.",
                "There is no request with the key b.",
            ])
        #expect(try fixture.names(fixture.spool.incoming) == [])
    }

    @Test("a key in the archive, or one of which only sidecars are left, is told where it is and what helps")
    func gone() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        #expect(try fixture.spool.archive(fixture.key("a"), from: .done, day: "2026-01-02", mark: "1"))
        try fixture.put(.invoice, of: "b", .processing, "{}")
        var sentences: [String] = []
        _ = try Returner(fixture.spool, .replay).run([fixture.key("a"), fixture.key("b")]) { _, outcome in
            if case .notThere(let sentence) = outcome { sentences.append(sentence) }
        }
        let commands = fixture.spool.commands
        #expect(
            sentences == [
                "a stands in archive/2026-01-02/, not in done/: it left the idempotency window and its key is free. Restore it"
                    + " with 'mv -n \(commands.file("archive/2026-01-02/a.json"))* \(commands.file("done/"))', then call its"
                    + " subscribers again with '\(commands.billhook("replay a"))'.",
                "The request b was removed; only its sidecars stand, in processing/. Free its key with 'rm"
                    + " \(commands.file("processing/b.json"))*'.",
            ])
    }

    @Test("a drop that waits in incoming/ is never replaced")
    func blocked() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: Self.early, processed: false)
        try fixture.put("a", .incoming, SpoolFixture.request(5))
        let outcomes = try all(fixture, .retry)
        #expect(outcomes["a"] == .blocked("a stays in dead/: another drop of the key waits in incoming/."))
        #expect(try fixture.scratch.read("spool/incoming/a.json") == Array(SpoolFixture.request(5).utf8))
        #expect(try fixture.stands("dead/a.json"))
    }

    @Test("a dry run tells what would move, and moves nothing")
    func dryRun() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: Self.early)
        #expect(try all(fixture, .retry, dryRun: true) == ["a": .returned])
        #expect(try fixture.names(fixture.spool.incoming) == [])
    }

    @Test("all of dead/ is retried except conflicting drops, which are skipped, and refused files")
    func conflicts() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: Self.early)
        try fixture.scratch.write(SpoolFixture.request(3), to: "spool/dead/a.conflict-0123abcd.json")
        try fixture.scratch.write("", to: "spool/dead/refused-0123abcd")
        let outcomes = try all(fixture, .retry)
        #expect(outcomes["a"] == .returned)
        guard case .skipped = outcomes["a.conflict-0123abcd"], outcomes.count == 2 else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(try fixture.names(fixture.spool.incoming) == ["a.json"])
    }

    @Test("a time range takes those that failed from its beginning up to, not including, its end")
    func range() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("early", at: Self.early)
        try fixture.putDead("late", at: Self.late)
        let filter = Returner.Filter(since: Self.early, until: Self.late)
        #expect(try all(fixture, .retry, filter) == ["early": .returned])
        #expect(try all(fixture, .retry, Returner.Filter(since: Self.late)) == ["late": .returned])
    }

    @Test("a replay is selected by when a request was processed")
    func replay() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("early", .done, at: Self.early)
        try fixture.putProcessed("late", .done, at: Self.late)
        #expect(try all(fixture, .replay, Returner.Filter(until: Self.late)) == ["early": .returned])
        #expect(try fixture.names(fixture.spool.incoming) == ["early.json"])
    }

    @Test("a retry by subscription takes those whose delivery to it was given up")
    func bySubscription() throws {
        let fixture = try SpoolFixture()
        for (name, outcome) in [("up", "given up"), ("ok", "delivered"), ("none", "")] {
            try fixture.putDead(name, at: Self.early)
            let invoice = try fixture.invoice(name)
            if outcome.isEmpty { continue }
            let line = fixture.attempt(invoice, to: "erp", 1, outcome == "delivered" ? .delivered : .failed)
            try fixture.put(.attempts, of: name, .dead, line)
        }
        #expect(try all(fixture, .retry, Returner.Filter(subscription: "erp")) == ["up": .returned])
        var sentence: String?
        _ = try Returner(fixture.spool, .retry, filter: Returner.Filter(subscription: "erp")).run([fixture.key("ok")]) {
            if case .skipped(let because) = $1 { sentence = because }
        }
        #expect(sentence == "ok has no delivery to erp that was given up.")
    }

    @Test("moments are dates, times and spans ago")
    func moments() {
        let now = Timestamp(seconds: 10_000, nanoseconds: 0)
        #expect(Moment.read("2h", now: now) == now - .seconds(7200))
        #expect(Moment.read("1970-01-01T00:00:05Z", now: now) == Timestamp(seconds: 5, nanoseconds: 0))
        #expect(Moment.read("yesterday", now: now) == nil)
    }

    @Test("what waits for a later attempt in processing/ is due now, and stays there")
    func hurry() throws {
        let fixture = try SpoolFixture()
        for name in ["waits", "due"] { try fixture.putProcessed(name, .processing, at: Self.early) }
        try fixture.put(.attempts, of: "waits", .processing, "")
        try fixture.setSchedule(of: "waits", to: .now + .seconds(3600))
        var outcomes: [String: Returner.Outcome] = [:]
        let returner = Returner(fixture.spool, .retry, from: .processing)
        _ = try returner.runAll { outcomes[$0] = $1 }
        #expect(outcomes == ["waits": .returned])
        let modified = try fixture.spool.processing.status("waits.json.attempts")?.modified
        #expect(try #require(modified) <= .now)
        _ = try returner.run([fixture.key("due")]) { outcomes[$0] = $1 }
        #expect(
            outcomes["due"] == .skipped(because: "due waits for no later attempt: it is under way, or due now."))
    }

    @Test("what is parked is released")
    func release() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .hold)
        _ = try Returner(fixture.spool, .retry, from: .hold).runAll { _, _ in }
        #expect(try fixture.names(fixture.spool.incoming) == ["a.json"])
    }

    @Test("a bulk move keeps to its rate, by a clock of its own")
    func pace() throws {
        let fixture = try SpoolFixture()
        for number in 0..<30 { try fixture.putDead("k\(number)", at: Self.early) }
        let clock = Mutex(Self.late)
        let rate = try #require(Rate(text: "10/s"))
        let pacer = Pacer(
            rate, now: { clock.withLock { $0 } }, sleep: { span in clock.withLock { $0 = $0 + span } })
        _ = try Returner(fixture.spool, .retry, pacer: pacer).runAll { _, _ in }
        #expect(clock.withLock { $0 } - Self.late == .milliseconds(2900))
        #expect(try fixture.names(fixture.spool.incoming).count == 30)
    }
}
