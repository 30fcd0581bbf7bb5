import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("A start over requests that wait")
struct AudienceStories {
    /// Three requests that wait for their next attempt at a subscriber, half an hour from now, at second 10.
    private func waiting(limits: Engine.Limits = .init()) -> EngineHarness {
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("dead", waits: [1800]))
        harness.receivers["dead"] = { $0.at < .at(1800) ? .fails : .ok }
        harness.drop(count: 3)
        harness.run(until: .at(10))
        return harness
    }

    private static func ordered(_ name: String) -> Subscription {
        Subscription(
            name: name, url: "http://localhost/\(name)",
            retry: RetrySchedule(waits: [.seconds(1800)], jitterFraction: 0), ordering: .customer)
    }

    @Test("reads none of them while nobody came or went, and each is called when it is due")
    func unchanged() {
        let harness = waiting()
        let loads = harness.loads
        harness.crash()
        harness.run(until: .at(1799))
        #expect(harness.loads == loads && harness.calls.count == 3)
        harness.run()
        #expect(harness.calls.count == 6 && harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
    }

    @Test("reads what somebody touched meanwhile, and nothing else")
    func touched() {
        let harness = waiting()
        let loads = harness.loads
        harness.spool.sidecars[.make("k1")]?.modified = .at(5)
        harness.crash()
        harness.run(until: .at(20))
        #expect(harness.loads == loads + 1 && harness.calls.count == 4)
    }

    @Test("tells a subscriber that was added meanwhile of all of them")
    func added() {
        let harness = waiting()
        harness.snapshot.subscriptions["new"] = .success(.make("new"))
        harness.crash()
        harness.run(until: .at(20))
        #expect(Set(harness.calls(to: "new").map(\.key)) == [.make("k0"), .make("k1"), .make("k2")])
    }

    @Test("ends what waits for a subscriber that was removed meanwhile")
    func removed() {
        let harness = waiting()
        harness.snapshot.subscriptions["dead"] = nil
        harness.crash()
        harness.run(until: .at(60))
        #expect(harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
    }

    @Test("after a crash amid planning anew forgets nobody, though the files are as they were before")
    func crashAmidPlanning() {
        let harness = waiting()
        harness.subscribe(.make("dead", waits: [1800]), .make("new"))
        // The new one hangs, so that it has been told of nothing yet when the process dies.
        harness.receivers["new"] = { _ in .hang }
        harness.run(until: .at(11))
        harness.receivers["new"] = { _ in .ok }
        harness.crash()
        harness.run(until: .at(20))
        #expect(Set(harness.calls(to: "new").map(\.key)) == [.make("k0"), .make("k1"), .make("k2")])
    }

    @Test("knows nothing from the moment on at which another audience is planned for until all is planned")
    func forgetsFirst() throws {
        let harness = waiting()
        let before = try #require(harness.audience)
        var refuses = true
        harness.refusal = { action in
            guard case .record = action, refuses else { return nil }
            return .noSpace
        }
        harness.subscribe(.make("dead", waits: [1800]), .make("new"))
        harness.run(until: .at(15))
        #expect(harness.audience == nil)
        refuses = false
        harness.run(until: .at(30))
        #expect(harness.audience != nil && harness.audience != before)
    }

    @Test("a request that can't be read keeps the audience from being known")
    func unreadable() {
        let harness = waiting()
        harness.refusal = { action in
            guard case .load(.make("k1")) = action else { return nil }
            return .permissionDenied
        }
        harness.subscribe(.make("dead", waits: [1800]), .make("new"))
        harness.run(until: .at(20))
        #expect(harness.audience == nil)
        harness.refusal = { _ in nil }
        harness.run(until: .at(200))
        #expect(harness.audience != nil && harness.calls(to: "new").count == 3)
    }

    @Test("reads all of them for a subscriber that hears of each customer's invoices in order")
    func ordered() {
        let harness = EngineHarness()
        harness.subscribe(Self.ordered("dead"))
        harness.receivers["dead"] = { _ in .fails }
        harness.drop(count: 3)
        harness.run(until: .at(10))
        // The first of them waits for its retry, and the others for the first.
        let taken = harness.taken.count
        harness.crash()
        harness.run(until: .at(20))
        #expect(harness.taken[taken...].contains("k0.json") && harness.audience != nil)
    }

    @Test("the mark of an audience changes with what decides who hears of an invoice, and with nothing else")
    func mark() throws {
        func mark(_ subscriptions: Subscription..., disabled: Set<String> = []) -> String {
            var snapshot = Roster.Snapshot()
            snapshot.disabled = disabled
            for subscription in subscriptions { snapshot.subscriptions[subscription.name] = .success(subscription) }
            var roster = Roster()
            _ = roster.apply(snapshot, at: noon)
            return roster.audienceMark
        }
        let plain = Subscription.make("a", waits: [5, 300])
        let others = [
            mark(), mark(plain, disabled: ["a"]), mark(.make("b", waits: [5, 300])), mark(plain, .make("b")),
            mark(Self.ordered("a")),
            mark(.make("a", waits: [300_000])),
            mark(Subscription(name: "a", url: plain.url, events: [try #require(EventPattern("invoice.failed"))])),
        ]
        #expect(Set(others + [mark(plain)]).count == others.count + 1)
        #expect(mark(plain) == mark(.make("a", waits: [5, 300], concurrency: 2)))
    }
}
