import Claim
import Spool
import SystemPackage
import Testing
import Times

@testable import Engine

@Suite("Drops")
struct IntakeStories {
    private func ready(_ limits: Engine.Limits = .init()) -> EngineHarness {
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a"))
        harness.run()
        return harness
    }

    @Test("a drop that is seen by event and by scan is delivered once")
    func seenTwice() {
        let harness = ready()
        harness.mail.append(.rescan(includingProcessing: false))
        harness.drop("k")
        harness.run()
        #expect(harness.calls.count == 1 && harness.engine.tally.done == 1 && harness.engine.tally.duplicates == 0)
    }

    @Test("a drop that comes again while it is being claimed is claimed again")
    func comesAgain() {
        let harness = ready()
        harness.drop("k", .whole(1))
        harness.once()
        #expect(harness.claims == ["k.json"])
        harness.drop("k", .whole(2))
        harness.run()
        #expect(harness.claims == ["k.json", "k.json"])
        #expect(harness.engine.tally.conflicts == 1 && harness.spool.incoming.isEmpty && harness.leftovers == [])
    }

    @Test("an equal drop is a duplicate and is not delivered again")
    func duplicate() {
        let harness = ready()
        harness.drop("k")
        harness.run()
        harness.drop("k")
        harness.run()
        #expect(harness.engine.tally.duplicates == 1 && harness.calls.count == 1)
    }

    @Test("a rejected drop is dead and reported")
    func rejected() {
        let harness = ready()
        harness.drop("k", .whole(-1))
        harness.run()
        #expect(harness.state(of: "k") == .dead && harness.engine.tally.dead == 1 && harness.leftovers == [])
    }

    @Test("an incomplete drop waits for its rest, is told once, and is taken as it is when the wait is over")
    func incomplete() {
        let harness = ready()
        harness.drop("late", .incomplete)
        harness.drop("cut", .incomplete)
        harness.run(until: .at(100))
        harness.drop("late")
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run(until: .at(599))
        #expect(harness.state(of: "late") == .done && harness.state(of: "cut") == nil)
        #expect(harness.count { if case .incomplete = $0 { true } else { false } } == 2)
        harness.run(until: .at(601))
        #expect(harness.state(of: "cut") == .dead && harness.leftovers == [])
    }

    // Where the spool is polled, no event tells that the rest has been written, and the drop waited for the whole span.
    @Test("an incomplete drop that is completed without an event is found by the next look at incoming/")
    func completedInSilence() {
        let harness = ready()
        harness.drop("k", .incomplete)
        harness.drop("cut", .incomplete)
        for second in 1...3 {
            harness.mail.append(.rescan(includingProcessing: false))
            harness.run(until: .at(second))
        }
        #expect(harness.spool.looksAtIncomplete == 6)
        harness.spool.incoming["k.json"] = .whole(1)
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run(until: .at(4))
        #expect(harness.state(of: "k") == .done && harness.state(of: "cut") == nil)
        #expect(harness.count { if case .incomplete = $0 { true } else { false } } == 2)
        harness.run(until: .at(601))
        #expect(harness.state(of: "cut") == .dead && harness.leftovers == [])
    }

    @Test("an incomplete drop that grows where nobody can tell whether it is being written is told of once")
    func growing() throws {
        let harness = ready()
        let snapshots = [try FileSnapshot.make("/proc"), try FileSnapshot.make("/dev")]
        harness.drop("k", .incomplete)
        harness.run(until: .at(1))
        for (number, snapshot) in snapshots.enumerated() {
            harness.spool.incoming["k.json"] = .unsettled(snapshot, content: 1)
            harness.mail.append(.rescan(includingProcessing: false))
            harness.run(until: .at(4 * number + 2))
            harness.spool.incoming["k.json"] = .incomplete
            harness.run(until: .at(4 * number + 5))
        }
        #expect(harness.count { if case .incomplete = $0 { true } else { false } } == 1)
        harness.run(until: .at(599))
        #expect(harness.state(of: "k") == nil)
        harness.run(until: .at(601))
        #expect(harness.state(of: "k") == .dead && harness.leftovers == [])
    }

    @Test("a drop whose writer closes it without an event is found all the same")
    func closedInSilence() {
        let harness = ready()
        harness.drop("k", .beingWritten)
        harness.run(until: .at(3600))
        #expect(harness.claims.count < 100)
        harness.spool.incoming["k.json"] = .whole(1)
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run(until: .at(3700))
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
        #expect(harness.count { if case .beingWritten = $0 { true } else { false } } == 1)
    }

    @Test("a drop that its writer takes back is forgotten", arguments: [FakeSpool.Drop.beingWritten, .incomplete])
    func takenBack(drop: FakeSpool.Drop) {
        let harness = ready()
        harness.drop("k", drop)
        harness.run(until: .at(1))
        harness.spool.incoming = [:]
        harness.run()
        #expect(harness.leftovers == [])
    }

    @Test("where nobody can tell whether it is being written, a drop is taken once it has been quiet")
    func quiet() throws {
        let harness = ready()
        let (first, second) = (try FileSnapshot.make("/proc"), try FileSnapshot.make("/sys"))
        harness.spool.incoming["k.json"] = .unsettled(first, content: 1)
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run(until: .at(1))
        #expect(harness.state(of: "k") == nil && !harness.engine.isAtRest)
        harness.spool.incoming["k.json"] = .unsettled(second, content: 2)
        harness.run(until: .at(3))
        #expect(harness.state(of: "k") == nil)
        harness.run(until: .at(10))
        #expect(harness.state(of: "k") == .done && harness.engine.isAtRest && harness.leftovers == [])
    }

    @Test("what is no request is refused; what can't be moved away is told once and holds up nobody")
    func refused() {
        let harness = ready()
        harness.refusal = { action in
            if case .refuse(let name, _) = action, name == Array("stuck.txt".utf8) { .permissionDenied } else { nil }
        }
        harness.spool.incoming["stuck.txt"] = .notARequest
        harness.spool.incoming["b.txt"] = .notARequest
        harness.spool.incoming["dir.json"] = .notARequest
        harness.spool.incoming[".part.json"] = .incomplete
        for _ in 0..<3 {
            harness.mail.append(.rescan(includingProcessing: false))
            harness.run()
        }
        harness.drop("k")
        harness.run(until: .at(1))
        #expect(harness.state(of: "k") == .done && harness.engine.tally.refused == 2)
        #expect(harness.refusals.sorted() == ["b.txt", "dir.json", "stuck.txt"])
        #expect(harness.spool.incoming.keys.sorted() == [".part.json", "stuck.txt"])
    }

    @Test("a drop that a crash left aside is claimed, and again if that is refused")
    func leftAside() {
        let harness = ready()
        harness.spool.incoming["k.json~0a0b0c0d"] = .whole(1)
        var refused = 0
        harness.refusal = { action in
            guard case .claim = action, refused < 2 else { return nil }
            refused += 1
            return .noSpace
        }
        harness.mail.append(.leftAside(Array("k.json~0a0b0c0d".utf8)))
        harness.run()
        #expect(harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("more drops than fit in memory are found by a scan")
    func flood() {
        var limits = Engine.Limits()
        limits.drops = 10
        let harness = ready(limits)
        harness.drop(count: 700)
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 700 && harness.leftovers == [])
    }
}
