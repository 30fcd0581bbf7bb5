import Claim
import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("A clock that is set")
struct ClockStories {
    private static let days = Duration.seconds(2 * 86_400)

    @Test("back: what waits is pulled in to the longest wait of its schedule, and nothing is called twice")
    func back() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [10, 600]))
        harness.receivers["a"] = { $0.attempt < 3 ? .fails : .ok }
        harness.drop("k")
        harness.run(until: .at(5))
        harness.setClock(by: .zero - ClockStories.days)
        let set = harness.now
        harness.run()
        // Its longest wait is a day, as a receiver's Retry-After may be: not two days.
        let seconds = harness.calls(to: "a").dropFirst().map { Int(($0.at - set) / .seconds(1)) }
        #expect(seconds == [86_400, 87_000])
        #expect(harness.calls.count == 3 && harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("forward: what waits for a moment that has come is due")
    func forward() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [3600, 3600]))
        harness.receivers["a"] = { $0.attempt < 3 ? .fails : .ok }
        harness.drop("k")
        harness.run(until: .at(5))
        harness.setClock(by: ClockStories.days)
        let set = harness.now
        harness.run(until: set + .seconds(60))
        #expect(harness.calls.map(\.attempt) == [1, 2])
        harness.run()
        #expect(harness.calls(to: "a")[2].at - harness.calls(to: "a")[1].at >= .seconds(3600))
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("either way: what waits for so long waits for as long as before", arguments: [-1, 1])
    func spans(sign: Int) {
        let harness = EngineHarness()
        harness.subscribe()
        harness.drop("cut", .incomplete)
        harness.run(until: .at(300))
        harness.setClock(by: ClockStories.days * sign)
        let set = harness.now
        harness.run(until: set + .seconds(290))
        #expect(harness.spool.incoming.count == 1)
        harness.run(until: set + .seconds(310))
        #expect(harness.state(of: "cut") == .dead)
    }

    @Test("either way: a disk that refuses work is tried again in a second", arguments: [-1, 1])
    func trouble(sign: Int) {
        let harness = EngineHarness()
        harness.refusal = { action in if case .claim = action { .noSpace } else { nil } }
        harness.subscribe()
        harness.drop("k")
        harness.run(until: .at(5))
        harness.setClock(by: ClockStories.days * sign)
        let set = harness.now
        harness.turn()
        harness.refusal = { _ in nil }
        harness.run(until: set + .seconds(2))
        #expect(harness.state(of: "k") == .done)
    }

    @Test("either way: a subscription whose file is gone keeps its grace", arguments: [-1, 1])
    func grace(sign: Int) {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [3600]))
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.unsubscribe("a")
        harness.run(until: .at(6))
        harness.setClock(by: ClockStories.days * sign)
        let set = harness.now
        harness.run(until: set + .seconds(3))
        #expect(harness.state(of: "k") == .processing)
        harness.run(until: set + .seconds(20))
        #expect(harness.state(of: "k") == .done)
    }

    @Test("is told by a clock that nobody sets; a machine that sleeps, or a slow clock, is none")
    func watch() {
        var watch = ClockWatch()
        #expect(watch.look(wall: noon, steady: .seconds(5)) == nil)
        #expect(watch.look(wall: noon + .seconds(7200), steady: .seconds(7205)) == nil)
        #expect(watch.look(wall: noon + .seconds(7200), steady: .seconds(7206)) == nil)
        #expect(watch.look(wall: noon, steady: .seconds(7206)) == .seconds(-7200))
        #expect(watch.look(wall: noon + .seconds(1), steady: .seconds(7207)) == nil)
        #expect(watch.look(wall: noon + .seconds(101), steady: .seconds(7208)) == .seconds(99))
    }
}
