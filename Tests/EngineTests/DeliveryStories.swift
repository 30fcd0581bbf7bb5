import Deliver
import Spool
import SystemPackage
import Testing
import Times

@testable import Engine

@Suite("A request's way")
struct DeliveryStories {
    @Test("a drop that every subscriber takes is done, and nothing of it is left in memory")
    func firstDropIsDone() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"), .make("b"))
        harness.drop("k")
        harness.run()
        #expect(harness.state(of: "k") == .done)
        #expect(harness.calls.map(\.subscription).sorted() == ["a", "b"])
        #expect(harness.engine.tally.done == 1 && harness.engine.tally.delivered == 2)
        #expect(harness.leftovers == [])
    }

    @Test("an invoice that nobody hears of is done at once")
    func nobodyListens() {
        let harness = EngineHarness()
        harness.subscribe()
        harness.drop("k")
        harness.run()
        #expect(harness.state(of: "k") == .done)
        #expect(harness.calls.isEmpty && harness.leftovers == [])
    }

    @Test("what is recorded first says so, as long as nothing was recorded before it")
    func firstRecords() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5]))
        harness.receivers["a"] = { $0.attempt == 1 && $0.key.name == "late" ? .fails : .ok }
        var firsts: [String: [Bool]] = [:]
        harness.refusal = { action in
            if case .record(let record) = action { firsts[record.key.name, default: []].append(record.isFirst) }
            return nil
        }
        for name in ["soon", "late"] { harness.drop(name) }
        harness.run()
        harness.move("soon", from: .done, to: .incoming)
        harness.run()
        #expect(firsts == ["soon": [true, false], "late": [true, false]])
    }

    @Test("nothing is claimed before it is known who hears of it")
    func waitsForTheAudience() {
        let harness = EngineHarness()
        harness.drop("k")
        harness.run()
        #expect(harness.claims.isEmpty)
        harness.mail.append(.subscriptions(nil))
        harness.mail.append(.subscriptions(nil))
        harness.run()
        #expect(harness.claims.isEmpty)
        #expect(harness.count { if case .subscriptionsUnreadable = $0 { true } else { false } } == 1)
        harness.subscribe(.make("a"))
        harness.run()
        #expect(harness.state(of: "k") == .done)
        #expect(harness.count { if case .subscriptionsReadable = $0 { true } else { false } } == 1)
    }

    @Test("a subscriber that fails is called by its schedule, then the request is dead with the reason")
    func scheduleIsWalked() {
        let harness = EngineHarness()
        harness.subscribe(.make("bad", waits: [5, 300, 1800]), .make("good"))
        harness.receivers["bad"] = { _ in .fails }
        harness.drop("k")
        harness.run()
        #expect(harness.seconds(of: "bad") == [0, 5, 305, 2105])
        #expect(harness.calls(to: "bad").map(\.attempt) == [1, 2, 3, 4])
        #expect(harness.calls(to: "good").count == 1)
        #expect(harness.state(of: "k") == .dead)
        let reasons = harness.reports.compactMap { if case .buried(_, let report) = $0 { report } else { nil } }
        #expect(reasons.map(\.code) == ["delivery_failed"])
        #expect(reasons.first?.message.contains("bad after 4 attempts (HTTP 500)") == true)
        #expect(harness.leftovers == [])
    }

    @Test("waits that are over before the attempt is recorded are kept all the same", arguments: [0, 1])
    func shortWaits(wait: Int) {
        let harness = EngineHarness()
        harness.subscribe(.make("bad", waits: [wait, wait]))
        harness.receivers["bad"] = { _ in .fails }
        var refused = 0
        // The disk is full for some seconds, while the next attempt falls due.
        harness.refusal = { action in
            guard case .record = action, refused < 3 else { return nil }
            refused += 1
            return .noSpace
        }
        harness.drop("k")
        harness.run()
        #expect(harness.calls.count == 3)
        #expect(harness.state(of: "k") == .dead)
        #expect(harness.leftovers == [])
    }

    @Test("after a torn line, a record that the disk refuses does not cost the one behind it")
    func tornLine() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"), .make("b"))
        harness.spool.requests[.processing]?[.make("k")] = 1
        harness.spool.sidecars[.make("k")] = FakeSpool.Sidecars(isTorn: true, origin: .processing)
        var refused = false
        harness.refusal = { action in
            guard case .record = action, !refused else { return nil }
            refused = true
            return .noSpace
        }
        harness.run()
        #expect(refused && harness.state(of: "k") == .done)
        #expect(harness.spool.sidecars[.make("k")]?.lines.count == 2)
        #expect(harness.calls.count == 2)
    }

    @Test("410 ends a delivery at once")
    func gone() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5, 5]))
        harness.receivers["a"] = { _ in .answer(410, after: .zero) }
        harness.drop("k")
        harness.run()
        #expect(harness.calls.count == 1 && harness.state(of: "k") == .dead)
    }

    @Test("a retry calls only those that have not heard, with a fresh round")
    func retry() {
        let harness = EngineHarness()
        harness.subscribe(.make("bad", waits: [5]), .make("good"))
        harness.receivers["bad"] = { _ in .fails }
        harness.drop("k")
        harness.run()
        harness.receivers["bad"] = nil
        harness.move("k", from: .dead, to: .incoming)
        harness.run()
        #expect(harness.calls(to: "bad").map(\.attempt) == [1, 2, 3])
        #expect(harness.calls(to: "good").count == 1)
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("a replay calls everybody again")
    func replay() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"), .make("b"))
        harness.drop("k")
        harness.run()
        harness.move("k", from: .done, to: .incoming)
        harness.run()
        #expect(harness.calls.map(\.attempt) == [1, 1, 2, 2])
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("a request taken to hold/ during an attempt is not called again, and goes on when it is released")
    func hold() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5]))
        harness.receivers["a"] = { _ in .hang }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.move("k", from: .processing, to: .hold)
        harness.endHanging("a")
        harness.run()
        #expect(harness.calls.count == 1 && harness.state(of: "k") == .hold && harness.leftovers == [])
        harness.receivers["a"] = nil
        harness.move("k", from: .hold, to: .incoming)
        harness.run()
        #expect(harness.calls.map(\.attempt) == [1, 2] && harness.state(of: "k") == .done)
    }

    @Test("a request that leaves and comes back while an attempt is under way is read again, and none is lost")
    func comesBackDuringAnAttempt() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5]), .make("b"))
        harness.receivers["a"] = { _ in .hang }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.move("k", from: .processing, to: .hold)
        harness.move("k", from: .hold, to: .incoming)
        harness.run(until: .at(2))
        harness.receivers["a"] = nil
        harness.endHanging("a", .answer(status: 200, retryAfter: nil, head: []))
        harness.run()
        #expect(harness.calls(to: "a").count == 1 && harness.calls(to: "b").count == 1)
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("a request that is removed while it is queued is not called")
    func cancelled() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", concurrency: 1))
        harness.receivers["a"] = { _ in .hang }
        harness.drop("k1")
        harness.drop("k2")
        harness.run(until: .at(1))
        harness.move("k2", from: .processing, to: .hold)
        harness.endHanging("a", .answer(status: 204, retryAfter: nil, head: []))
        harness.run()
        #expect(harness.calls.count == 1)
        #expect(harness.state(of: "k2") == .hold && harness.leftovers == [])
    }
}
