import Deliver
import Spool
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("People's touch")
struct TouchStories {
    private func waiting() -> EngineHarness {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300]))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.drop("k")
        harness.run(until: .at(10))
        return harness
    }

    @Test("a touch makes a waiting request due now")
    func now() {
        let harness = waiting()
        harness.touch("k")
        harness.run()
        #expect(harness.seconds(of: "a") == [0, 10])
        #expect(harness.state(of: "k") == .done)
    }

    @Test("a later time postpones")
    func later() {
        let harness = waiting()
        harness.touch("k", to: .at(1000))
        harness.run()
        #expect(harness.seconds(of: "a") == [0, 1000])
    }

    @Test("an earlier time that is still to come brings forward")
    func earlier() {
        let harness = waiting()
        harness.touch("k", to: .at(100))
        harness.run()
        #expect(harness.seconds(of: "a") == [0, 100])
    }

    @Test("an .attempts that a person made by touching it is what the first attempt is appended to")
    func made() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.receivers["a"] = { _ in .answer(200, after: .seconds(2)) }
        var firsts: [Bool] = []
        harness.refusal = { action in
            if case .record(let record) = action { firsts.append(record.isFirst) }
            return nil
        }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.touch("k")
        harness.run()
        #expect(harness.state(of: "k") == .done)
        #expect(firsts == [false])
    }

    @Test("what a person asked for is marked in its line, by a touch as by a retry, and nothing else is")
    func marked() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300, 300]))
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(10))
        harness.touch("k")
        harness.run()
        harness.move("k", from: .dead, to: .incoming)
        harness.run()
        let marks = (harness.spool.sidecars[.make("k")]?.lines ?? []).compactMap { line in
            if case .attempt(let record) = line { record.isManual } else { nil }
        }
        #expect(marks == [false, true, false, true, false, false])
    }

    @Test("our own setting of the time is no touch")
    func own() {
        let harness = waiting()
        harness.mail.append(.touched(.make("k"), modified: harness.spool.sidecars[.make("k")]?.modified ?? noon))
        harness.run()
        #expect(harness.seconds(of: "a") == [0, 300])
    }

    @Test("a touch while another subscriber's attempt is under way is heard too")
    func hot() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300]), .make("slow"))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.receivers["slow"] = { _ in .hang }
        harness.drop("k")
        harness.run(until: .at(10))
        harness.touch("k")
        harness.run(until: .at(20))
        #expect(harness.seconds(of: "a") == [0, 10])
    }

    @Test("a touch of one that a person has just parked calls nobody, though it is still in memory")
    func parked() {
        // While an attempt's line was already to be read and its record not yet answered, a touch called once more.
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300]), .make("slow"))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.receivers["slow"] = { _ in .hang }
        harness.drop("k")
        harness.run(until: .at(10))
        harness.move("k", from: .processing, to: .hold)
        harness.touch("k")
        harness.run(until: .at(20))
        harness.endHanging("slow")
        harness.run()
        #expect(harness.seconds(of: "a") == [0])
        #expect(harness.state(of: "k") == .hold)
        #expect(harness.leftovers.isEmpty, "\(harness.leftovers)")
    }

    @Test("a touch of one that was let go for want of room is heard")
    func letGo() {
        var limits = Engine.Limits()
        limits.window = 1
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a", waits: [300]))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        for name in ["k1", "k2", "k3"] { harness.drop(name) }
        harness.run(until: .at(10))
        for name in ["k1", "k2", "k3"] { harness.touch(name, to: .at(100)) }
        harness.run(until: .at(200))
        #expect(harness.seconds(of: "a") == [0, 0, 0, 100, 100, 100])
    }
}
