import Claim
import Deliver
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Random walks")
struct RandomWalkTests {
    @Test(
        "whatever happens in whatever order, every request ends, none is delivered twice in a round, nothing is left",
        arguments: 0..<200 as Range<UInt64>)
    func walk(seed: UInt64) {
        check(Walk(seed: seed))
    }

    @Test(
        "the same where a processor processes the requests, which may fail, hang, ask for later or not start at all",
        arguments: 1000..<1200 as Range<UInt64>)
    func processorWalk(seed: UInt64) throws {
        var walk = Walk(seed: seed)
        walk.harness.spool.processorFile = try FileSnapshot.make().status
        walk.addProcessor()
        check(walk)
    }

    private func check(_ walk: Walk) {
        var walk = walk
        for _ in 0..<150 { walk.takeStep() }
        walk.comeToRest()
        let harness = walk.harness
        let ended = harness.spool.keys(in: .done).union(harness.spool.keys(in: .dead))
        #expect(ended == Set(walk.dropped.map(Key.make)).union(harness.spool.entries.keys))
        #expect(harness.spool.incoming.isEmpty && harness.spool.processing.isEmpty)
        #expect(harness.leftovers == [])
        #expect(harness.engine.isAtRest)
        for (key, sidecars) in harness.spool.sidecars {
            #expect(walk.repeated(in: sidecars.lines) == [], "\(key)")
        }
    }
}

private struct Walk {
    let harness: EngineHarness
    var random: SeededGenerator
    var dropped: [String] = []
    private let names = ["a", "b", "c"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        var limits = Engine.Limits()
        limits.jobs = Int.random(in: 2...12, using: &random)
        limits.claims = Int.random(in: 1...4, using: &random)
        limits.loads = Int.random(in: 1...4, using: &random)
        limits.posts = Int.random(in: 1...6, using: &random)
        limits.postsEach = Int.random(in: 1...2, using: &random)
        limits.drops = Int.random(in: 1...8, using: &random)
        limits.programs = Int.random(in: 1...3, using: &random)
        limits.window = Int.random(in: 1...6, using: &random)
        harness = EngineHarness(limits: limits, seed: seed)
        harness.batch = Int.random(in: 1...5, using: &random)
        for name in names { subscribe(name) }
        harness.crash()
    }

    mutating func takeStep() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<6: dropOne()
        case 6: harness.pause(someName())
        case 7: harness.resume(someName())
        case 18: harness.enable(someName())
        case 8: harness.unsubscribe(someName())
        case 9: subscribe(someName())
        case 10: harness.endHanging(someName())
        case 11: moveBack()
        case 12: refuseSomething()
        case 13: harness.refusal = { _ in nil }
        case 14: if Int.random(in: 0..<4, using: &random) == 0 { harness.crash() }
        case 17: if let key = harness.running.min(by: { $0.name < $1.name }) { harness.endProgram(key.name, .stopped) }
        case 15: if let key = harness.spool.processing.min(by: { $0.name < $1.name }) { harness.touch(key.name) }
        case 16: harness.mail.append(.rescan(includingProcessing: Bool.random(using: &random)))
        default: harness.run(until: harness.now + .milliseconds(Int.random(in: 1...20_000, using: &random)))
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) { harness.once() }
    }

    /// Everything is well again, and time passes until nothing moves.
    mutating func comeToRest() {
        harness.refusal = { _ in nil }
        for name in names {
            harness.resume(name)
            harness.enable(name)
            harness.receivers[name] = nil
        }
        harness.program = { _ in (.done(result: nil), .zero) }
        for key in harness.running { harness.endProgram(key.name, .done(result: nil)) }
        harness.run(until: harness.now + .seconds(1))
        for name in names { harness.endHanging(name) }
        harness.run()
        // A drop that was made while the process was down, or for which there was no room, is met by the next scan.
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run()
    }

    /// The deliveries that were recorded as delivered more than once between two round marks.
    func repeated(in lines: [AttemptLine]) -> [String] {
        var seen: Set<String> = []
        var repeated: [String] = []
        for line in lines {
            switch line {
            case .round(.replay, _): seen = []
            case .attempt(let record) where record.outcome == .delivered:
                if !seen.insert(record.deliveryID).inserted { repeated.append(record.deliveryID) }
            default: break
            }
        }
        return repeated
    }

    mutating func addProcessor() {
        var dice = SeededGenerator(seed: random.next())
        let runs = [
            ProgramRun.End.exited(0), .exited(0), .exited(0), .exited(75), .exited(65), .notStarted(.notFound),
            .stopped,
        ]
        harness.program = { _ in
            guard let end = runs.randomElement(using: &dice), Int.random(in: 0..<8, using: &dice) > 0 else {
                return nil
            }
            let wait = Duration.milliseconds(Int.random(in: 0...3000, using: &dice))
            return (ProcessorOutcome(of: ProgramRun(end: end), program: "/p"), wait)
        }
    }

    private mutating func someName() -> String { names.randomElement(using: &random) ?? "a" }

    private mutating func dropOne() {
        let name = "k\(Int.random(in: 0..<40, using: &random))"
        if !dropped.contains(name) { dropped.append(name) }
        // What stands there already is the same request again; a few are refused, as long as they are dropped.
        harness.drop(name, .whole(name.hasSuffix("7") ? -1 : 1))
    }

    private mutating func subscribe(_ name: String) {
        let waits = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 0...60, using: &random) }
        let events = ["invoice.*", "delivery.*", "subscription.*"].prefix(Int.random(in: 1...3, using: &random))
        harness.subscribe(
            .make(name, events: Array(events), waits: waits, concurrency: Int.random(in: 1...3, using: &random)))
        var dice = SeededGenerator(seed: random.next())
        harness.receivers[name] = { _ in
            switch Int.random(in: 0..<10, using: &dice) {
            case 0: .hang
            case 1..<4: .fails
            case 4..<6: .answer(200, after: .milliseconds(Int.random(in: 0...5000, using: &dice)))
            case 6: .answer(410, after: .zero)
            default: .ok
            }
        }
    }

    private mutating func moveBack() {
        let state = Bool.random(using: &random) ? State.dead : .done
        guard let key = harness.spool.keys(in: state).min(by: { $0.name < $1.name }) else { return }
        harness.move(key.name, from: state, to: .incoming)
    }

    private mutating func refuseSomething() {
        var dice = SeededGenerator(seed: random.next())
        harness.refusal = { _ in Int.random(in: 0..<3, using: &dice) == 0 ? .noSpace : nil }
    }
}
