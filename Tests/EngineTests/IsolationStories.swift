import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("A subscriber is called as fast as it bears")
struct IsolationStories {
    /// One invoice: `quick` fails, with retries every second, while the call to `slow` goes on.
    private func oneHangs(_ others: Subscription...) -> EngineHarness {
        let harness = EngineHarness()
        for subscription in others { harness.snapshot.subscriptions[subscription.name] = .success(subscription) }
        harness.subscribe(.make("slow", waits: [300]), .make("quick", waits: [1, 1, 1, 60]))
        harness.receivers["slow"] = { $0.attempt == 1 ? .hang : .ok }
        harness.receivers["quick"] = { _ in .fails }
        harness.drop("k")
        return harness
    }

    @Test("a retry is made when it is due though another call of the same invoice goes on, and all ends are recorded")
    func retriesBesideACall() {
        let harness = oneHangs()
        harness.run(until: .at(15))
        #expect(harness.seconds(of: "quick") == [0, 1, 2, 3])
        #expect(harness.spool.sidecars[.make("k")]?.lines.count == 4)
        harness.endHanging("slow")
        harness.run(until: .at(16))
        // Its next attempt is the earliest that is pending.
        #expect(harness.spool.sidecars[.make("k")]?.modified.map { $0 >= .at(63) && $0 < .at(64) } == true)
        harness.run()
        #expect(harness.seconds(of: "quick") == [0, 1, 2, 3, 63] && harness.seconds(of: "slow") == [0, 315])
        #expect(harness.state(of: "k") == .dead && harness.leftovers == [])
        #expect(harness.spool.sidecars[.make("k")]?.lines.count == 7)
    }

    // The walk at the start had read the name before the answer to its claim was heard. The request counted as one that had
    // come back, so that everything of it waited for the slowest call.
    @Test("and so it is where a walk over processing/ met the request in the moment of its claim")
    func metWhileItWasClaimed() {
        let harness = oneHangs()
        harness.run(until: noon + .milliseconds(500))
        harness.engine.loads.append(.make("k"))
        harness.run(until: .at(15))
        #expect(harness.loads == 1 && harness.seconds(of: "quick") == [0, 1, 2, 3])
        #expect(harness.count { if case .processed = $0 { true } else { false } } == 1)
    }

    @Test("and is made so after a crash, neither twice nor early")
    func retriesBesideACallAfterACrash() {
        let harness = oneHangs()
        harness.receivers["slow"] = { _ in .hang }
        harness.run(until: noon + .milliseconds(1500))
        harness.crash()
        harness.run(until: .at(30))
        #expect(harness.seconds(of: "quick") == [0, 1, 2, 3])
        #expect(harness.calls(to: "slow").map(\.attempt) == [1, 1])
        let isManual = (harness.spool.sidecars[.make("k")]?.lines ?? []).contains { line in
            if case .attempt(let record) = line { record.isManual } else { false }
        }
        #expect(!isManual)
    }

    @Test(
        "a subscriber that is added, or goes on after a pause, is called though another call of the same invoice goes on"
    )
    func comesBesideACall() {
        let harness = oneHangs(.make("paused"))
        harness.pause("paused")
        harness.run(until: noon + .milliseconds(1500))
        harness.resume("paused")
        harness.run(until: .at(2))
        harness.subscribe(.make("new", waits: [1]), .make("other", events: ["operator.*"]))
        harness.receivers["new"] = { $0.attempt == 1 ? .fails : .ok }
        harness.run(until: .at(10))
        #expect(harness.seconds(of: "paused") == [1] && harness.seconds(of: "new") == [2, 3])
        #expect(harness.seconds(of: "quick") == [0, 1, 2, 3] && harness.calls(to: "other").isEmpty)
        harness.endHanging("slow", .answer(status: 200, retryAfter: nil, head: []))
        harness.run()
        #expect(harness.calls(to: "new").count == 2 && harness.calls(to: "paused").count == 1)
        #expect(harness.state(of: "k") == .dead && harness.leftovers == [])
    }

    @Test("whose event is no longer asked for gets no retry beside another call, and one that was parked none either")
    func endsBesideACall() {
        let harness = oneHangs(.make("third", waits: [1, 1, 1]))
        harness.receivers["third"] = { _ in .fails }
        harness.run(until: noon + .milliseconds(1500))
        harness.subscribe(.make("quick", events: ["operator.*"]))
        harness.run(until: noon + .milliseconds(2500))
        #expect(harness.seconds(of: "quick") == [0, 1] && harness.seconds(of: "third") == [0, 1, 2])
        harness.move("k", from: .processing, to: .hold)
        harness.run(until: .at(10))
        #expect(harness.seconds(of: "third") == [0, 1, 2])
        harness.endHanging("slow")
        harness.run()
        #expect(harness.state(of: "k") == .hold && harness.leftovers == [])
    }

    @Test("nothing is called again before its last attempt stands, though that takes a while")
    func recordsFirst() {
        let harness = oneHangs()
        harness.refusal = { action in if case .record = action { .noSpace } else { nil } }
        harness.run(until: .at(10))
        #expect(harness.seconds(of: "quick") == [0])
        harness.refusal = { _ in nil }
        harness.run(until: .at(15))
        #expect(harness.calls(to: "quick").map(\.attempt) == [1, 2, 3, 4])
    }

    @Test("of 1,000 calls to a dead subscriber few are made, and all once it is well again")
    func breaker() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"), .make("dead", waits: [3600, 3600]))
        harness.receivers["dead"] = { _ in .fails }
        harness.drop(count: 1000)
        harness.run(until: .at(20))
        #expect(harness.calls(to: "a").count == 1000)
        #expect(harness.calls(to: "dead").count < 100)
        #expect(harness.count { if case .breakerOpened("dead", _) = $0 { true } else { false } } >= 2)
        harness.receivers["dead"] = nil
        harness.run(until: .at(120))
        #expect(Set(harness.calls(to: "dead").map(\.key)).count == 1000)
        #expect(harness.count { if case .breakerClosed("dead") = $0 { true } else { false } } == 1)
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 1000)
        #expect(harness.leftovers == [])
    }

    @Test(
        "who fails is told of, since when, and until when it is left in peace; and no more once it is well"
    )
    func unwell() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"), .make("dead", waits: [90_000]))
        harness.receivers["dead"] = { _ in .fails }
        harness.drop(count: 100)
        harness.run(until: .at(20))
        let told = harness.engine.unwell
        #expect(told.map(\.name) == ["dead"] && told[0].failingSince.map { $0 < noon + .seconds(1) } == true)
        #expect(told[0].heldBackUntil.map { $0 - .at(31) < .seconds(1) && $0 >= .at(31) } == true)
        #expect(told[0].isOnTrial)
        let changes = harness.engine.healthChanges
        harness.receivers["dead"] = nil
        harness.run(until: .at(40))
        #expect(harness.engine.unwell == [] && harness.engine.healthChanges > changes)
    }

    @Test("while the breaker is open one call is made after each pause, and the pauses double to 30 seconds")
    func pauses() {
        let harness = EngineHarness()
        harness.subscribe(.make("dead", waits: [90_000]))
        harness.receivers["dead"] = { _ in .fails }
        harness.drop(count: 500)
        harness.run(until: .at(200))
        let late = harness.seconds(of: "dead").filter { $0 > 0 }
        #expect(late == [1, 3, 7, 15, 31, 61, 91, 121, 151, 181])
    }

    /// After 100 drops, eight seconds ago, of which every call has failed.
    private func withOpenBreaker() -> EngineHarness {
        let harness = EngineHarness()
        harness.subscribe(.make("dead", waits: [90_000]))
        harness.receivers["dead"] = { _ in .fails }
        harness.drop(count: 100)
        harness.run(until: .at(8))
        return harness
    }

    @Test("a clock that is set back keeps the breaker open no longer than its longest pause")
    func clockSetBack() {
        let harness = withOpenBreaker()
        let calls = harness.calls(to: "dead").count
        harness.setClock(by: .seconds(-1800))
        harness.run(until: harness.now + .seconds(31))
        #expect(harness.calls(to: "dead").count > calls)
    }

    @Test("an answer that repeats what was sent is not written down, though the subscription has changed meanwhile")
    func changedWhileUnderWay() {
        let harness = EngineHarness()
        let header = HeaderField(name: "Authorization", value: "Bearer old-secret-word")
        harness.subscribe(Subscription(name: "a", url: "http://a/", headers: [header]))
        harness.receivers["a"] = { _ in .hang }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.subscribe(Subscription(name: "a", url: "http://a/"))
        harness.turn()
        harness.endHanging(
            "a", .answer(status: 400, retryAfter: nil, head: Array("you sent Bearer old-secret-word".utf8)))
        harness.turn()
        let responses = harness.reports.compactMap {
            if case .failed(_, let record) = $0 { record.response } else { nil }
        }
        #expect(responses == ["you sent [hidden]"])
    }

    @Test("a retry by hand does not wait for the breaker")
    func manual() {
        let harness = withOpenBreaker()
        let calls = harness.calls(to: "dead").count
        harness.touch(harness.calls(to: "dead")[0].key.name)
        harness.turn()
        #expect(harness.calls(to: "dead").count == calls + 1)
    }

    @Test("500 webhooks at 50 a second take ten seconds, and never more than 55 fall in one")
    func rate() {
        let harness = EngineHarness()
        harness.subscribe(Subscription(name: "slow", url: "http://slow/", rate: Rate(text: "50/s")), .make("a"))
        harness.drop(count: 500)
        harness.run(until: .at(3600))
        let moments = harness.calls(to: "slow").map { $0.at - noon }
        #expect(harness.calls(to: "a").allSatisfy { $0.at < .at(1) })
        #expect(moments.count == 500)
        #expect(moments.max().map { $0 > .seconds(9) && $0 <= .seconds(10) } ?? false)
        for start in moments { #expect(moments.count { $0 >= start && $0 < start + .seconds(1) } <= 55) }
        #expect(harness.leftovers == [])
    }

    @Test("what does not fit in memory of a rated subscriber's is found again")
    func ratedOverflow() {
        var limits = Engine.Limits()
        limits.jobs = 20
        let harness = EngineHarness(limits: limits)
        harness.subscribe(Subscription(name: "slow", url: "http://slow/", rate: Rate(text: "10/s")), .make("a"))
        harness.drop(count: 300)
        harness.run(until: .at(2))
        #expect(harness.calls(to: "a").count == 300)
        harness.run(until: .at(60))
        #expect(harness.calls(to: "slow").count == 300)
        #expect(harness.leftovers == [])
    }

    @Test("429 with a Retry-After holds back every call to that subscriber until then")
    func retryAfter() {
        let harness = EngineHarness()
        harness.subscribe(.make("busy", waits: [5], concurrency: 1))
        harness.receivers["busy"] = { $0.at < .at(30) ? .asksToWait(429, .seconds(30)) : .ok }
        harness.drop(count: 20)
        harness.run(until: .at(29))
        #expect(harness.calls(to: "busy").count == 1)
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 20)
        #expect(harness.calls(to: "busy").count == 21)
    }

    @Test("time-outs halve the calls under way, and successes bring them back")
    func pace() {
        var pace = Pace()
        #expect(pace.concurrency(most: 64) == 64)
        pace.record(.failure(.timeout), startedAt: noon, inFlight: 64, most: 64, at: .at(1))
        #expect(pace.concurrency(most: 64) == 32)
        pace.record(.failure(.timeout), startedAt: noon, inFlight: 63, most: 64, at: .at(1))
        #expect(pace.concurrency(most: 64) == 32)
        pace.record(
            .answer(status: 504, retryAfter: nil, head: []), startedAt: .at(1), inFlight: 32, most: 64, at: .at(2))
        #expect(pace.concurrency(most: 64) == 16)
        for _ in 0..<17 {
            pace.record(
                .answer(status: 200, retryAfter: nil, head: []), startedAt: .at(2), inFlight: 1, most: 64, at: .at(3))
        }
        #expect(pace.concurrency(most: 64) == 17)
        for _ in 0..<5000 {
            pace.record(
                .answer(status: 200, retryAfter: nil, head: []), startedAt: .at(2), inFlight: 1, most: 64, at: .at(3))
        }
        #expect(pace.concurrency(most: 64) == 64)
    }

    @Test("first attempts are not starved by retries, nor retries by first attempts")
    func turns() {
        let harness = EngineHarness()
        harness.subscribe(.make("slow", waits: [1], concurrency: 1))
        harness.receivers["slow"] = {
            $0.attempt == 1 && $0.at < .at(1)
                ? .answer(400, after: .milliseconds(1)) : .answer(200, after: .milliseconds(10))
        }
        harness.drop(count: 200)
        harness.run(until: .at(1))
        for number in 200..<400 { harness.drop("k\(number)") }
        let seen = harness.calls(to: "slow").count
        harness.run(until: .at(3))
        let next = harness.calls(to: "slow").dropFirst(seen).prefix(120)
        #expect(next.count { $0.attempt == 1 } >= 60)
        #expect(next.count { $0.attempt == 2 } >= 20)
    }

    @Test("rates are read strictly")
    func rates() {
        #expect(Rate(text: "50/s")?.count == 50)
        #expect(Rate(text: "600/m")?.text == "600/m")
        for wrong in ["", "50", "/s", "0/s", "-1/s", "50/d", "50 /s", "50/s/s", "1.5/s", "1000001/s"] {
            #expect(Rate(text: wrong) == nil, "\(wrong)")
        }
    }
}
