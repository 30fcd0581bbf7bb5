import Claim
import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Recovery")
struct RecoveryStories {
    /// A spool with drops, and one request that waits in processing/ for an attempt.
    private func backlog(_ count: Int) -> EngineHarness {
        let harness = EngineHarness()
        harness.receivers["a"] = { $0.attempt == 1 && $0.key.name == "waits" ? .fails : .ok }
        harness.subscribe(.make("a", waits: [86_400]))
        harness.drop("waits")
        harness.run(until: noon)
        harness.end()
        for number in 0..<count { harness.spool.incoming["k\(number).json"] = .whole(number) }
        return harness
    }

    /// Starts again after each death; how often it died.
    private func liveOn(_ harness: EngineHarness, atMost limit: Int = 50) -> Int {
        for deaths in 0..<limit {
            harness.crash()
            harness.run(until: harness.now + .seconds(30))
            if !harness.isDead { return deaths }
        }
        Issue.record("it still dies after \(limit) starts")
        return limit
    }

    @Test("a first start takes up many at once, and forgets its deaths when all has been taken up")
    func normal() {
        let harness = backlog(50)
        harness.crash()
        harness.once()
        harness.once()
        #expect(harness.engine.intake.claiming.count + harness.engine.intake.queue.count > 10)
        #expect(harness.deaths == Deaths(count: 0).encoded())
        harness.run(until: .at(5))
        #expect(harness.deaths == nil && harness.engine.recovery.isOver)
        #expect(harness.engine.tally.done == 50 && harness.mostAtOnce == 0)
        #expect(harness.taken.filter { $0 == "waits.json" }.count == 2, "what is not due is read once, too")
    }

    @Test("what comes after the start does not keep a recovery from its end")
    func newDrops() {
        let harness = backlog(5)
        harness.receivers["a"] = { _ in .hang }
        harness.crash()
        for number in 0..<10 {
            harness.once()
            harness.drop("new\(number)")
        }
        #expect(harness.deaths == nil)
    }

    @Test("a recovery is not over while something that stood at the start has not been answered")
    func stillOpen() {
        let harness = backlog(1)
        harness.spool.incoming["late.json"] = .whole(1)
        harness.crash()
        var held: [Event] = []
        for _ in 0..<20 {
            held += harness.mail.filter {
                if case .claimed(let drop, _) = $0 { drop.name == "late.json" } else { false }
            }
            harness.mail.removeAll { if case .claimed(let drop, _) = $0 { drop.name == "late.json" } else { false } }
            harness.once()
        }
        #expect(held.count == 1 && harness.deaths != nil)
        harness.mail = held
        harness.once()
        #expect(harness.deaths == nil)
    }

    @Test("after two deaths in a row one file is taken up at a time, and all is done all the same")
    func cautious() {
        let harness = backlog(40)
        for _ in 0..<3 { harness.crash() }
        #expect(harness.engine.recovery.isCautious)
        harness.run(until: .at(5))
        #expect(harness.mostAtOnce == 1)
        #expect(harness.engine.tally.done == 40 && harness.burials == [])
        #expect(harness.deaths == nil && !harness.engine.recovery.isCautious)
        #expect(harness.count { if case .recoveryOver = $0 { true } else { false } } == 1)
    }

    @Test("new drops are taken up in their turn while it is cautious")
    func cautiousDrops() {
        let harness = backlog(5)
        for _ in 0..<3 { harness.crash() }
        harness.drop("new")
        harness.run(until: .at(5))
        #expect(harness.engine.tally.done == 6 && harness.mostAtOnce == 1)
    }

    @Test("a poison among drops is buried after three deaths over it alone, and nothing else is", arguments: [0, 30])
    func poison(count: Int) {
        let harness = backlog(count)
        harness.spool.incoming["poison.json"] = .whole(1)
        harness.poisons = ["poison.json"]
        #expect(liveOn(harness) == 5)
        #expect(harness.burials == ["poison.json"])
        #expect(harness.engine.tally.dead == 1)
        #expect(harness.spool.keys(in: .done).count == count && harness.deaths == nil)
        #expect(
            harness.count { if case .crashed(path: "incoming/poison.json", _, _) = $0 { true } else { false } } == 1)
    }

    @Test("a poison in processing/ is buried, though it is not due")
    func poisonInProcessing() {
        let harness = backlog(10)
        harness.poisons = ["waits.json"]
        #expect(liveOn(harness) == 5)
        #expect(harness.burials == ["waits.json"])
        #expect(harness.state(of: "waits") == .dead && harness.spool.keys(in: .done).count == 10)
    }

    @Test("a name that is refused and kills is buried, too")
    func poisonName() {
        let harness = backlog(3)
        harness.spool.incoming["poison.txt"] = .notARequest
        harness.poisons = ["poison.txt"]
        #expect(liveOn(harness) == 5)
        #expect(harness.burials == ["poison.txt"] && harness.spool.keys(in: .done).count == 3)
    }

    @Test("two poisons are buried one after the other")
    func two() {
        let harness = backlog(10)
        for name in ["p1.json", "p2.json"] { harness.spool.incoming[name] = .whole(1) }
        harness.poisons = ["p1.json", "p2.json"]
        #expect(liveOn(harness) == 8)
        #expect(harness.burials.sorted() == ["p1.json", "p2.json"] && harness.spool.keys(in: .done).count == 10)
    }

    @Test("a suspect comes first and alone, and is acquitted once it has lived")
    func acquitted() {
        let harness = backlog(20)
        for _ in 0..<3 { harness.crash() }
        harness.poisons = ["k7.json"]
        harness.run(until: noon)
        #expect(harness.isDead && harness.taken.last == "k7.json")
        harness.poisons = []
        harness.crash()
        let before = harness.taken.count
        harness.run(until: noon + .seconds(10))
        #expect(harness.taken[before] == "k7.json")
        #expect(harness.burials == [] && harness.engine.tally.dead == 0 && harness.deaths == nil)
        #expect(harness.spool.keys(in: .done).count == 20)
    }

    @Test("deaths of a file that lives in between are not in a row")
    func notInARow() {
        let harness = backlog(3)
        for _ in 0..<3 { harness.crash() }
        for _ in 0..<10 {
            harness.poisons = ["k1.json"]
            harness.run(until: harness.now + .seconds(5))
            #expect(harness.isDead)
            harness.poisons = []
            harness.crash()
            while harness.taken.last != "k1.json" || harness.engine.recovery.trial != nil {
                harness.step(until: .at(999))
            }
            // Read, and alive; it comes again, and the process is killed over something else.
            harness.once()
            harness.spool.requests[.done]?[.make("k1")] = nil
            harness.spool.sidecars[.make("k1")] = nil
            harness.spool.incoming["k1.json"] = .whole(1)
            harness.crash()
        }
        #expect(harness.burials == [])
    }

    @Test("the trial begins at a moment of its own, and an end before that clears the suspect")
    func beforeTrial() {
        var pauses: Set<Duration> = []
        for seed in 0..<20 {
            let harness = EngineHarness(seed: UInt64(seed))
            harness.subscribe(.make("a"))
            harness.run()
            harness.end()
            harness.spool.incoming["k.json"] = .whole(1)
            for _ in 0..<3 { harness.crash() }
            harness.poisons = ["k.json"]
            harness.run()
            #expect(harness.isDead)
            harness.crash()
            harness.turn()
            #expect(harness.taken.count == 1, "nothing is taken up before the trial")
            if let deadline = harness.engine.nextDeadline(at: harness.now) { pauses.insert(deadline - harness.now) }
            #expect(!harness.engine.isAtRest)
            harness.crash()
            #expect(harness.engine.recovery.trial == nil && harness.engine.recovery.isCautious)
        }
        #expect(pauses.count == 20 && pauses.allSatisfy { $0 >= .zero && $0 <= .seconds(1) })
    }

    @Test("a drop that was only looked at from outside is not acquitted by that, and its recovery is not over")
    func unsettled() throws {
        let snapshot = try FileSnapshot.make()
        let harness = backlog(0)
        harness.spool.incoming["k.json"] = .unsettled(snapshot, content: 1)
        for _ in 0..<3 { harness.crash() }
        harness.run(until: harness.now + .seconds(1))
        #expect(harness.taken.contains("k.json") && !harness.engine.recovery.isOver && harness.deaths != nil)
        harness.run(until: harness.now + .seconds(10))
        #expect(harness.engine.recovery.isOver && harness.engine.tally.done == 1)
    }

    @Test("what can't be moved is left alone until another file has its name, and the rest goes on")
    func immovable() {
        let harness = backlog(10)
        harness.spool.incoming["poison.json"] = .whole(1)
        harness.poisons = ["poison.json"]
        harness.refusal = { if case .buryUnread = $0 { .permissionDenied } else { nil } }
        #expect(liveOn(harness) == 5)
        #expect(harness.spool.keys(in: .done).count == 10 && harness.spool.incoming.keys.sorted() == ["poison.json"])
        harness.mail.append(.rescan(includingProcessing: true))
        harness.run(until: harness.now + .seconds(10))
        #expect(!harness.isDead)
        harness.poisons = []
        harness.drop("poison", .whole(2))
        harness.run(until: harness.now + .seconds(10))
        #expect(harness.spool.keys(in: .done).contains(.make("poison")))
    }

    @Test("a full disk postpones the burial, and nothing is taken up before it")
    func fullDisk() {
        let harness = backlog(5)
        harness.spool.incoming["poison.json"] = .whole(1)
        harness.poisons = ["poison.json"]
        var refusals = 3
        harness.refusal = { action in
            guard case .buryUnread = action, refusals > 0 else { return nil }
            refusals -= 1
            return .noSpace
        }
        #expect(liveOn(harness) == 5)
        #expect(refusals == 0 && harness.burials == ["poison.json"] && harness.spool.keys(in: .done).count == 5)
    }

    @Test("whoever kills it at the same moment of each life buries nothing", arguments: 1...40)
    func killed(turns: Int) {
        let harness = backlog(100)
        for _ in 0..<60 {
            harness.crash()
            for _ in 0..<turns { harness.step(until: harness.now + .milliseconds(turns)) }
        }
        harness.crash()
        harness.run(until: harness.now + .seconds(60))
        #expect(harness.burials == [] && harness.engine.tally.dead == 0)
        #expect(harness.spool.keys(in: .done).count == 100 && harness.deaths == nil)
    }
}
