import Claim
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("The processor")
struct ProcessorStories {
    /// A spool whose requests a processor processes, with one subscriber.
    private func harness(programs: Int = 2, _ change: (inout Engine.Limits, inout Engine.Policy) -> Void = { _, _ in })
        throws -> EngineHarness
    {
        var limits = Engine.Limits()
        var policy = Engine.Policy()
        limits.programs = programs
        change(&limits, &policy)
        let harness = EngineHarness(limits: limits, policy: policy)
        harness.spool.processorFile = try FileSnapshot.make().status
        harness.subscribe(.make("a"))
        return harness
    }

    private let failure: ProcessorFailure = {
        let outcome = ProcessorOutcome(of: ProgramRun(end: .exited(65)), program: "/p")
        guard case .failed(let failure) = outcome else { preconditionFailure("65 is a failure") }
        return failure
    }()

    private let noStart = ProcessorOutcome(of: ProgramRun(end: .notStarted(.notFound)), program: "/p")

    private func postponed(_ harness: EngineHarness) -> Int {
        harness.count { if case .processorPostponed = $0 { true } else { false } }
    }

    @Test("a request is run once, then delivered with its result, and done")
    func once() throws {
        let harness = try harness()
        harness.program = { _ in (.done(result: Array(#"{"n":1}"#.utf8)), .seconds(1)) }
        harness.drop("k")
        harness.run()
        #expect(harness.runs == [.make("k")] && harness.state(of: "k") == .done)
        #expect(harness.seconds(of: "a") == [1])
        #expect(harness.spool.sidecars[.make("k")]?.invoice?.result == Array(#"{"n":1}"#.utf8))
        #expect(harness.leftovers == [] && harness.engine.isAtRest)
    }

    @Test("what was recorded is not run again by a retry, a replay or a restart")
    func neverAgain() throws {
        let harness = try harness()
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run()
        #expect(harness.state(of: "k") == .dead)
        harness.receivers["a"] = nil
        harness.move("k", from: .dead, to: .incoming)
        harness.run()
        harness.move("k", from: .done, to: .incoming)
        harness.turn()
        harness.crash()
        harness.run()
        #expect(harness.runs.count == 1 && harness.state(of: "k") == .done)
    }

    @Test("no more run at once than may, whatever came first, and each is run")
    func bound() throws {
        let harness = try harness(programs: 3) { limits, _ in
            (limits.jobs, limits.loads, limits.claims, limits.window) = (5, 2, 2, 3)
        }
        harness.program = { _ in (.done(result: nil), .milliseconds(100)) }
        harness.drop(count: 60)
        harness.run()
        #expect(harness.mostRunning == 3 && harness.runs.count == 60)
        #expect(harness.spool.keys(in: .done).count == 60)
        #expect(harness.leftovers == [])
        // Three at a time all the time: the next were at hand.
        #expect(harness.now - noon < .seconds(4))
    }

    @Test("few are claimed ahead of a slow processor")
    func backPressure() throws {
        let harness = try harness(programs: 1) { limits, _ in limits.jobs = 8 }
        harness.program = { _ in nil }
        harness.drop(count: 100)
        harness.run(until: .at(10))
        #expect(harness.spool.processing.count <= 8 + 2 + harness.limits.claims && harness.spool.incoming.count > 0)
        #expect(harness.running.count == 1)
    }

    @Test("one that fails is dead with what it said, and a retry runs it again")
    func fails() throws {
        let harness = try harness()
        let failure = failure
        harness.program = { _ in (.failed(failure), .zero) }
        harness.drop("k")
        harness.run()
        #expect(harness.state(of: "k") == .dead && harness.engine.tally.dead == 1)
        #expect(
            harness.count { if case .buried(_, let report) = $0 { report.code == "processor_refused" } else { false } }
                == 1)
        harness.program = { _ in (.done(result: nil), .zero) }
        harness.move("k", from: .dead, to: .incoming)
        harness.run()
        #expect(harness.runs.count == 2 && harness.state(of: "k") == .done)
    }

    @Test("one that asks for it later waits longer each time, across restarts, and holds up nobody")
    func later() throws {
        let harness = try harness(programs: 1)
        var moments: [Int] = []
        harness.program = { assignment in
            guard assignment.key == .make("k") else { return (.done(result: nil), .zero) }
            moments.append(Int((harness.now - noon) / .seconds(1)))
            return (moments.count < 5 ? .tryLater("Later.") : .done(result: nil), .zero)
        }
        harness.drop("k")
        harness.drop("other")
        harness.run(until: .at(3))
        #expect(harness.state(of: "other") == .done && harness.state(of: "k") == .processing)
        harness.crash()
        harness.run(until: .at(4))
        #expect(moments == [0], "a restart keeps the moment")
        harness.run()
        let waits = zip(moments.dropFirst(), moments).map { $0 - $1 }
        #expect(
            zip(waits, [5, 10, 20, 40]).allSatisfy { wait, least in (least...(least * 3 / 2)).contains(wait) },
            "\(waits)")
        #expect(harness.state(of: "k") == .done && postponed(harness) == 4 && harness.leftovers == [])
    }

    @Test("the waits double from five seconds to an hour, and jitter only adds")
    func waits() {
        var waits: [Duration] = []
        for _ in 0..<12 { waits.append(Engine.processorWait(after: waits.last ?? .zero, random: 0)) }
        #expect(waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600].map { .seconds($0) })
        #expect(Engine.processorWait(after: .seconds(-3), random: 0) == .seconds(5))
        #expect(Engine.processorWait(after: .seconds(7200), random: 0.5) == .seconds(3780))
    }

    @Test("a touch runs it now, and new subscribers do not run it before its time")
    func touch() throws {
        let harness = try harness()
        harness.program = { _ in (.tryLater("Later."), .zero) }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.subscribe(.make("b"))
        harness.run(until: .at(2))
        #expect(harness.runs.count == 1)
        harness.program = { _ in (.done(result: nil), .zero) }
        harness.touch("k")
        harness.run(until: .at(3))
        #expect(harness.runs.count == 2 && harness.state(of: "k") == .done)
    }

    @Test("one that a walk meets while it runs is put off all the same")
    func metWhileItRuns() throws {
        let harness = try harness()
        harness.program = { _ in nil }
        harness.drop("k")
        harness.run(until: .at(1))
        // The walk had read the name before the claim was known.
        harness.engine.loads.append(.make("k"))
        harness.run(until: .at(2))
        harness.endProgram("k", .tryLater("Later."))
        harness.run(until: .at(4))
        #expect(harness.runs.count == 1 && postponed(harness) == 1)
        // A person's touch while it runs is another matter.
        harness.run(until: .at(9))
        harness.touch("k")
        harness.turn()
        harness.endProgram("k", .tryLater("Later."))
        harness.run(until: .at(10))
        #expect(harness.runs.count == 3)
    }

    @Test("while it can't be started everything waits, it is said once, and one is tried now and then")
    func unstartable() throws {
        let harness = try harness(programs: 4)
        harness.program = { _ in (noStart, .zero) }
        harness.drop(count: 50)
        harness.run(until: .at(60))
        #expect(harness.spool.processing.count == 50 && harness.spool.keys(in: .dead).isEmpty)
        #expect(harness.count { if case .processorUnavailable = $0 { true } else { false } } == 1)
        #expect(harness.runs.count < 10, "\(harness.runs.count) trials in a minute")
        let problem = StartProblem.notFound
        #expect(harness.engine.obstacle == .processor("The processor /p was not found.", fix: problem.fix))
        #expect(harness.engine.obstacle?.stopsClaiming == false)
        harness.program = { _ in (.done(result: nil), .milliseconds(10)) }
        harness.run(until: .at(200))
        #expect(harness.spool.keys(in: .done).count == 50)
        #expect(harness.count { if case .processorAvailable = $0 { true } else { false } } == 1)
        #expect(harness.engine.obstacle == nil)
        #expect(harness.leftovers == [])
    }

    @Test("the batch job ends when all is processed or waits, and does not wait for a program that can't be started")
    func drain() throws {
        for (outcome, left) in [(ProcessorOutcome.done(result: nil), 0), (.tryLater("Later."), 20), (noStart, 20)] {
            let harness = try harness { _, policy in policy.retries = false }
            harness.program = { _ in (outcome, .seconds(1)) }
            harness.drop(count: 20)
            harness.run(until: .milliseconds500)
            #expect(!harness.engine.isAtRest)
            harness.run(until: .at(3600))
            #expect(harness.engine.isAtRest && harness.spool.processing.count == left)
        }
    }

    // MARK: People

    @Test("parked while it runs, its result is kept, and a release does not run it again")
    func hold() throws {
        let harness = try harness()
        harness.program = { _ in nil }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.move("k", from: .processing, to: .hold)
        harness.endProgram("k", .done(result: nil))
        harness.run(until: .at(2))
        #expect(harness.calls.isEmpty && harness.state(of: "k") == .hold)
        harness.move("k", from: .hold, to: .incoming)
        harness.run()
        #expect(harness.runs.count == 1 && harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("released while it still runs, it is not run a second time")
    func holdAndRelease() throws {
        let harness = try harness()
        harness.program = { _ in nil }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.move("k", from: .processing, to: .hold)
        harness.move("k", from: .hold, to: .incoming)
        harness.run(until: .at(2))
        harness.endProgram("k", .done(result: nil))
        harness.run()
        #expect(harness.runs.count == 1 && harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("removed while it runs and dropped anew with other content, the new one gets a run of its own")
    func replaced() throws {
        let harness = try harness()
        harness.program = { _ in nil }
        harness.drop("k", .whole(1))
        harness.run(until: .at(1))
        harness.spool.requests[.processing]?[.make("k")] = nil
        harness.drop("k", .whole(2))
        harness.run(until: .at(2))
        harness.program = { _ in (.done(result: nil), .zero) }
        harness.endProgram("k", .done(result: Array("{}".utf8)))
        harness.run()
        #expect(harness.runs.count == 2 && harness.state(of: "k") == .done)
        #expect(harness.spool.sidecars[.make("k")]?.invoice?.result == nil)
    }

    @Test("parked before its turn, it is not run")
    func parkedInQueue() throws {
        let harness = try harness(programs: 1)
        harness.program = { _ in (.done(result: nil), .seconds(1)) }
        harness.drop("k0")
        harness.drop("k1")
        harness.drop("k2")
        harness.turn()
        harness.move("k1", from: .processing, to: .hold)
        harness.move("k2", from: .processing, to: .hold)
        harness.run()
        #expect(harness.runs == [.make("k0")] && harness.leftovers == [])
    }

    // MARK: Trouble

    @Test("a result that a full disk refuses is kept and written later, and not worked out again")
    func fullDisk() throws {
        let harness = try harness()
        harness.refusal = { action in
            if case .complete = action { .noSpace } else { nil }
        }
        harness.drop("k")
        harness.run(until: .at(30))
        #expect(harness.state(of: "k") == .processing && harness.calls.isEmpty)
        harness.refusal = { _ in nil }
        harness.run()
        #expect(harness.runs.count == 1 && harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("a result that one bad file refuses holds up nothing else")
    func badFile() throws {
        let harness = try harness()
        harness.refusal = { action in
            if case .complete(let completion) = action, completion.key == .make("bad") { .isDirectory } else { nil }
        }
        harness.drop("bad")
        harness.drop(count: 10)
        harness.run(until: .at(30))
        #expect(harness.spool.keys(in: .done).count == 10)
        #expect(harness.count { if case .unclaimable = $0 { true } else { false } } == 1)
        harness.refusal = { _ in nil }
        harness.run()
        #expect(harness.runs.count(where: { $0 == .make("bad") }) == 1 && harness.state(of: "bad") == .done)
    }

    @Test("killed while it runs, it is run again; killed after it was recorded, it is not")
    func crash() throws {
        let harness = try harness()
        harness.program = { _ in nil }
        harness.drop("k")
        harness.run(until: .at(1))
        harness.program = { _ in (.done(result: nil), .zero) }
        harness.crash()
        harness.run()
        harness.crash()
        harness.run()
        #expect(harness.runs.count == 2 && harness.state(of: "k") == .done)
    }

    @Test("asked to stop, it begins none, waits for those that run, and is stopped when they are written down")
    func stop() throws {
        let harness = try harness(programs: 1)
        harness.program = { _ in nil }
        harness.drop("k0")
        harness.drop("k1")
        harness.run(until: .at(1))
        harness.mail.append(.stop)
        harness.run(until: .at(2))
        #expect(!harness.engine.isStopped && harness.runs.count == 1)
        harness.endProgram("k0", .done(result: nil))
        harness.run(until: .at(3))
        #expect(harness.engine.isStopped && harness.runs.count == 1)
        #expect(harness.spool.sidecars[.make("k0")]?.invoice != nil)
        harness.crash()
        harness.endProgram("k1", .stopped)
        harness.run(until: .at(4))
        #expect(harness.state(of: "k0") == .done && harness.runs.count == 2)
    }
}

extension Timestamp {
    fileprivate static let milliseconds500 = noon + .milliseconds(500)
}
