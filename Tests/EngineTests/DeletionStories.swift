import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Deleting from the archive")
struct DeletionStories {
    private func day(_ name: String) throws -> ArchiveDay { try #require(ArchiveDay(name)) }

    private func step(_ name: String, files: Int, _ outcome: DeletionStep.Outcome) throws -> DeletionStep {
        DeletionStep(day: try day(name), files: files, outcome: outcome)
    }

    /// A spool that nobody drops into, and whose archive is deleted from once an hour.
    private func harness(deleting: Bool = true) -> EngineHarness {
        var policy = Engine.Policy()
        policy.deleteAfter = deleting ? .seconds(86_400) : nil
        let harness = EngineHarness(policy: policy, archives: true)
        harness.subscribe(.make("a"))
        return harness
    }

    @Test("goes on step by step until nothing is left, and tells of each day once")
    func steps() throws {
        let harness = harness()
        harness.deletions = [
            .success(try step("2020-01-01", files: 64, .goesOn)),
            .success(try step("2020-01-01", files: 3, .gone(files: 67))),
            .success(try step("2020-01-02", files: 0, .gone(files: 0))),
        ]
        harness.run(until: .at(1))
        #expect(harness.deletionSteps == 4)
        #expect(harness.count { if case .deleting = $0 { true } else { false } } == 2)
        #expect(harness.count { if case .deleted = $0 { true } else { false } } == 2)
        #expect(harness.engine.isAtRest)
        harness.run(until: .at(3601))
        #expect(harness.deletionSteps == 5)
    }

    @Test("is not done unless it is asked for")
    func off() {
        let harness = harness(deleting: false)
        harness.run(until: .at(7201))
        #expect(harness.deletionSteps == 0)
    }

    @Test("waits until a walk over done/ has gone well, so that nothing goes from under a move to the archive")
    func afterTrouble() {
        let harness = harness()
        var isBroken = true
        harness.refusal = { action in
            if case .scanDone = action, isBroken { .ioError } else { nil }
        }
        harness.run(until: .at(1))
        #expect(harness.deletionSteps == 0)
        isBroken = false
        harness.run(until: .at(3601))
        #expect(harness.deletionSteps == 1)
    }

    @Test("tells once why a day stays, and once that the disk refuses")
    func toldOnce() throws {
        let harness = harness()
        let left = try step("2020-01-01", files: 0, .left(files: 0, because: "notes.txt in it is not Billhook's"))
        for hour in 0..<3 {
            harness.deletions = [.success(left)]
            harness.run(until: .at(hour * 3600 + 1))
        }
        #expect(harness.count { if case .notDeleted = $0 { true } else { false } } == 1)
        for hour in 3..<6 {
            harness.deletions = [.failure(.readOnlyFileSystem)]
            harness.run(until: .at(hour * 3600 + 1))
        }
        #expect(harness.count { if case .undeletable = $0 { true } else { false } } == 1)
        harness.run(until: .at(6 * 3600 + 1))
        harness.deletions = [.failure(.readOnlyFileSystem)]
        harness.run(until: .at(7 * 3600 + 1))
        #expect(harness.count { if case .undeletable = $0 { true } else { false } } == 2)
    }

    /// An engine that has been told of its audience, and what it asks for after some events.
    private struct Bare {
        var engine: Engine

        init() {
            var policy = Engine.Policy()
            policy.deleteAfter = .zero
            engine = Engine(policy: policy, random: SeededGenerator(seed: 1))
        }

        mutating func actions(_ now: Timestamp, _ events: Event...) -> [Action] {
            var actions: [Action] = []
            for event in events { engine.handle(event, at: now, into: &actions) }
            engine.advance(at: now, into: &actions)
            return actions
        }
    }

    private func deletes(_ actions: [Action]) -> Bool {
        actions.contains { if case .deleteArchived = $0 { true } else { false } }
    }

    @Test("makes way for a drop that is being claimed, but for a second at most")
    func makesWay() throws {
        var bare = Bare()
        _ = bare.actions(noon, .subscriptions(.init()), .dropped(name: Array("k.json".utf8), isSettled: true))
        #expect(!deletes(bare.actions(noon, .expired(.success([]), isLast: true))))
        #expect(bare.engine.nextDeadline(at: noon) == .at(1))
        #expect(!deletes(bare.actions(noon + .milliseconds(999))))
        #expect(deletes(bare.actions(.at(1))))
        #expect(!deletes(bare.actions(.at(1), .deleted(.success(try step("2020-01-01", files: 64, .goesOn))))))
        #expect(deletes(bare.actions(.at(2))))
    }

    @Test("and moving to the archive take turns")
    func takeTurns() throws {
        var bare = Bare()
        let key = try #require(Key("k"))
        _ = bare.actions(noon, .subscriptions(.init()))
        let moves = bare.actions(noon, .expired(.success([key]), isLast: true))
        #expect(!deletes(moves))
        #expect(deletes(bare.actions(noon, .archived(key, .success("2020-01-01")))))
        // An hour later, while that step is still under way:
        _ = bare.actions(.at(3600))
        let isMoving = bare.actions(.at(3600), .expired(.success([key]), isLast: true)).contains {
            if case .archive = $0 { true } else { false }
        }
        #expect(!isMoving)
        let next = bare.actions(.at(3600), .deleted(.success(try step("2020-01-01", files: 1, .goesOn))))
        #expect(next.contains { if case .archive(key) = $0 { true } else { false } } && !deletes(next))
    }
}
