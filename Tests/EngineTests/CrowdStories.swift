import Deliver
import Spool
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("A directory that takes no more names")
struct CrowdStories {
    private func isCrowded(_ report: Report) -> Bool { if case .crowded = report { true } else { false } }
    private func isOver(_ report: Report) -> Bool { if case .uncrowded = report { true } else { false } }

    @Test("keeps what is delivered in processing/, delivers it once, and holds up nobody who goes elsewhere")
    func done() {
        let harness = EngineHarness()
        harness.crowded = [.done]
        harness.subscribe(.make("a"))
        harness.receivers["a"] = { $0.key == .make("bad") ? .instruct(.abortMessage, 400) : .ok }
        harness.drop(count: 3)
        harness.drop("bad")
        harness.run(until: .at(30))
        harness.drop("late")
        harness.run(until: .at(60))
        #expect(harness.calls.count == 5 && harness.spool.processing.count == 4)
        #expect(harness.state(of: "bad") == .dead)
        #expect(harness.count(isCrowded) == 1 && harness.engine.obstacle == .crowded([.done]))
        harness.crowded = []
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 4 && harness.calls.count == 5)
        #expect(harness.leftovers == [] && harness.engine.isAtRest && harness.engine.obstacle == nil)
        #expect(harness.count(isCrowded) == 1 && harness.count(isOver) == 1)
    }

    @Test("whoever subscribes meanwhile hears of what waits")
    func subscribed() {
        let harness = EngineHarness()
        harness.crowded = [.done]
        harness.subscribe(.make("a"))
        harness.drop("k")
        harness.run(until: .at(10))
        harness.subscribe(.make("new"))
        harness.run(until: .at(30))
        #expect(harness.calls.map(\.subscription) == ["a", "new"])
        harness.crowded = []
        harness.run()
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("is no reason to stop late")
    func stop() {
        let harness = EngineHarness()
        harness.crowded = [.done]
        harness.subscribe(.make("a"))
        harness.drop("k")
        harness.run(until: .at(10))
        harness.mail.append(.stop)
        harness.run(until: .at(11))
        #expect(harness.engine.isStopped)
    }

    @Test("ends a batch job once it was tried again in vain, and not before all else is done")
    func stuck() {
        let harness = EngineHarness()
        harness.crowded = [.done]
        harness.subscribe(.make("a"))
        harness.drop("k")
        harness.run(until: noon + .milliseconds(500))
        #expect(!harness.engine.isStuck)
        harness.run(until: .at(30))
        #expect(harness.engine.isStuck && !harness.engine.isAtRest)
    }
}
