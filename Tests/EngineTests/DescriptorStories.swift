import Spool
import SystemPackage
import Testing
import Times

@testable import Engine

@Suite("No descriptors left")
struct DescriptorStories {
    @Test("a post that could not be made is no attempt, and is made when it can be")
    func unsent() {
        let harness = EngineHarness()
        var isOut = true
        harness.receivers["a"] = { _ in isOut ? .unsent : .ok }
        harness.subscribe(.make("a", waits: [60]))
        harness.drop(count: 20)
        harness.run(until: .at(10))
        // A try a second, and no more.
        #expect(harness.calls.count <= 20 * 11)
        #expect(harness.engine.obstacle == .trouble(.tooManyOpenFiles))
        isOut = false
        let before = harness.calls.count
        harness.run()
        let calls = harness.calls.dropFirst(before)
        #expect(calls.count == 20 && calls.allSatisfy { $0.attempt == 1 })
        #expect(harness.spool.keys(in: .done).count == 20 && harness.leftovers == [])
        #expect(harness.engine.obstacle == nil)
        #expect(harness.spool.sidecars.values.allSatisfy { $0.lines.count == 1 })
    }

    @Test("the signal to stop does not wait for descriptors")
    func stop() {
        let harness = EngineHarness()
        harness.receivers["a"] = { _ in .unsent }
        harness.subscribe(.make("a"))
        harness.drop(count: 3)
        harness.run(until: .at(5))
        harness.mail.append(.stop)
        harness.run(until: .at(6))
        #expect(harness.engine.isStopped && harness.spool.processing.count == 3)
    }
}
