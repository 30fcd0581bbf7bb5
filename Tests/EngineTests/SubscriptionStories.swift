import Deliver
import Spool
import Testing
import Times

@testable import Engine

@Suite("Subscriptions that come and go")
struct SubscriptionStories {
    @Test("a pause makes deliveries wait and uses up no attempt")
    func pause() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.pause("a")
        harness.drop(count: 3)
        harness.run()
        #expect(harness.calls.isEmpty && harness.spool.processing.count == 3 && harness.engine.isAtRest)
        harness.resume("a")
        harness.run()
        #expect(harness.calls.map(\.attempt) == [1, 1, 1])
        #expect(harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
    }

    @Test("a pause while calls are queued and under way loses none")
    func pauseWhileBusy() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", concurrency: 2))
        harness.receivers["a"] = { _ in .answer(200, after: .seconds(2)) }
        harness.drop(count: 9)
        harness.run(until: .at(1))
        harness.pause("a")
        harness.run()
        #expect(harness.calls.count == 2 && harness.spool.keys(in: .done).count == 2)
        harness.resume("a")
        harness.run()
        #expect(harness.calls.count == 9 && harness.spool.keys(in: .done).count == 9 && harness.leftovers == [])
    }

    @Test("nothing is claimed between a change of subscriptions/ and the look that follows it")
    func unreadChange() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.run()
        harness.mail.append(.subscriptionsChanged)
        harness.drop("k")
        harness.run(until: .at(1))
        #expect(harness.claims.isEmpty)
        // A look from before the change.
        harness.mail.append(.subscriptions(harness.snapshot))
        harness.run(until: .at(2))
        #expect(harness.claims.isEmpty)
        harness.snapshot.subscriptions["b"] = .success(.make("b"))
        harness.mail.append(.subscriptions(harness.snapshot, afterChange: true))
        harness.run()
        #expect(harness.calls(to: "b").count == 1 && harness.spool.keys(in: .done).count == 1)
        #expect(harness.leftovers == [])
    }

    @Test("a subscriber that is added hears of what is in processing/, hot and cold")
    func added() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300]), .make("slow"))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.receivers["slow"] = { $0.key == .make("hot") ? .hang : .ok }
        harness.drop("cold")
        harness.run(until: .at(1))
        harness.drop("hot")
        harness.run(until: .at(2))
        harness.subscribe(.make("new"))
        harness.run(until: .at(3))
        #expect(Set(harness.calls(to: "new").map(\.key)) == [.make("cold"), .make("hot")])
        harness.endHanging("slow", .answer(status: 200, retryAfter: nil, head: []))
        harness.run()
        #expect(harness.calls(to: "new").count == 2)
        #expect(harness.seconds(of: "a") == [0, 1, 300, 301])
        #expect(harness.spool.keys(in: .done).count == 2 && harness.leftovers == [])
    }

    @Test("a subscriber that is removed for good ends its deliveries; one that was only rewritten does not")
    func removed() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [3600]))
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.unsubscribe("a")
        harness.run(until: .at(6))
        harness.subscribe(.make("a", waits: [3600]))
        harness.run(until: .at(60))
        #expect(harness.state(of: "k") == .processing)
        harness.unsubscribe("a")
        harness.run(until: .at(69))
        #expect(harness.state(of: "k") == .processing)
        harness.run(until: .at(71))
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
        #expect(harness.count { if case .ended = $0 { true } else { false } } == 1)
    }

    @Test(
        "a delivery to one that was removed while the process was down ends, though a call hangs until the grace is over"
    )
    func removedWhileDown() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [3600]), .make("gone", waits: [3600]))
        harness.receivers["a"] = { _ in .fails }
        harness.receivers["gone"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.snapshot.subscriptions["gone"] = nil
        harness.touch("k")
        harness.receivers["a"] = { _ in .hang }
        harness.crash()
        harness.run(until: .at(60))
        #expect(harness.state(of: "k") == .processing)
        harness.endHanging("a", .answer(status: 200, retryAfter: nil, head: []))
        harness.run()
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test(
        "removing one while the process was down makes nobody else's attempt early, nor one that a person asked for",
        arguments: [60, 5, 3600])
    func removedWhileDownKeepsTheSchedule(wait: Int) {
        let harness = EngineHarness()
        harness.subscribe(.make("gone", waits: [wait, 60]), .make("b", waits: [4, 60, 60]))
        harness.receivers["gone"] = { _ in .fails }
        harness.receivers["b"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.snapshot.subscriptions["gone"] = nil
        harness.crash()
        harness.run()
        #expect(harness.seconds(of: "gone") == [0] && harness.seconds(of: "b") == [0, 4, 64, 124])
        let isManual = (harness.spool.sidecars[.make("k")]?.lines ?? []).contains { line in
            if case .attempt(let record) = line { record.isManual } else { false }
        }
        #expect(!isManual && harness.state(of: "k") == .dead && harness.leftovers == [])
    }

    @Test("a subscriber that is removed during its attempt is forgotten, and the attempt is recorded")
    func removedDuringAnAttempt() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5], concurrency: 1), .make("b"))
        harness.receivers["a"] = { _ in .hang }
        harness.drop(count: 2)
        harness.run(until: .at(1))
        harness.unsubscribe("a")
        harness.run(until: .at(30))
        harness.endHanging("a")
        harness.run()
        #expect(harness.calls(to: "a").count == 1 && harness.calls(to: "b").count == 2)
        #expect(harness.spool.processing.isEmpty && harness.leftovers == [])
    }

    @Test("a file that has never been good makes invoices wait until it is mended")
    func broken() {
        let harness = EngineHarness()
        let error = SubscriptionError(subscription: "a", field: "url", problem: "is missing", fix: "add it")
        harness.snapshot.subscriptions["a"] = .failure(error)
        harness.subscribe(.make("b"))
        harness.drop("k")
        harness.run()
        #expect(harness.calls.map(\.subscription) == ["b"] && harness.state(of: "k") == .processing)
        harness.subscribe(.make("a"))
        harness.run()
        #expect(harness.calls.map(\.subscription) == ["b", "a"])
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("a file that goes bad leaves the last good version in force")
    func goesBad() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.run()
        harness.snapshot.subscriptions["a"] = .failure(
            SubscriptionError(subscription: "a", field: nil, problem: "is empty", fix: "write it"))
        harness.mail.append(.subscriptions(harness.snapshot))
        harness.drop("k")
        harness.run()
        #expect(harness.calls.count == 1 && harness.state(of: "k") == .done)
    }
}
