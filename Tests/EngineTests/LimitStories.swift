import Spool
import Testing
import Times

@testable import Engine

@Suite("Limits")
struct LimitStories {
    @Test("what does not fit into any of the limits is found again")
    func tinyLimits() {
        var limits = Engine.Limits()
        (limits.jobs, limits.claims, limits.loads, limits.posts) = (4, 2, 2, 2)
        (limits.drops, limits.window, limits.pending) = (3, 2, 1)
        let harness = EngineHarness(limits: limits)
        harness.batch = 3
        harness.subscribe(.make("a", waits: [60, 60]), .make("b"))
        harness.receivers["a"] = { $0.attempt < 3 ? .fails : .ok }
        harness.drop(count: 50)
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 50)
        #expect(harness.calls(to: "a").count == 150 && harness.calls(to: "b").count == 50)
        #expect(harness.mostJobs <= 4 && harness.mostPosts <= 2 + 2 * limits.postsEach)
        #expect(harness.leftovers == [])
    }

    @Test("there is plenty to claim while more drops are known than may be claimed at a time, and no longer")
    func plenty() {
        var limits = Engine.Limits()
        limits.claims = 2
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a"))
        #expect(!harness.engine.hasPlentyToClaim)
        harness.drop(count: 5)
        var answers: [Bool] = []
        while harness.step(until: .at(60)) { answers.append(harness.engine.hasPlentyToClaim) }
        #expect(answers.contains(true) && answers.last == false)
        #expect(harness.spool.keys(in: .done).count == 5)
    }

    @Test("a batch job without retries ends with what has to wait left in processing/")
    func drain() {
        var policy = Engine.Policy()
        policy.retries = false
        let harness = EngineHarness(policy: policy)
        harness.subscribe(.make("a", waits: [60]))
        harness.receivers["a"] = { $0.key == .make("k1") ? .fails : .ok }
        harness.drop(count: 3)
        harness.mail.append(.rescan(includingProcessing: true))
        #expect(!harness.engine.isAtRest || !harness.engine.hasBegun)
        var rests: [Bool] = []
        while harness.step(until: .at(3600)) { rests.append(harness.engine.isAtRest && harness.mail.isEmpty) }
        #expect(harness.engine.isAtRest)
        #expect(harness.calls(to: "a").count == 3 && harness.spool.processing == [.make("k1")])
        // It never rested while there was something to come.
        #expect(rests.firstIndex(of: true) ?? 0 >= rests.count - 2)
    }

    @Test("a batch job that waits for retries is at rest only when the last has ended")
    func drainWaiting() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [60]))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.drop("k")
        harness.run(until: .at(30))
        #expect(!harness.engine.isAtRest)
        harness.run()
        #expect(harness.engine.isAtRest && harness.state(of: "k") == .done)
    }
}
