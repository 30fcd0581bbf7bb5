import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("A file system that refuses work")
struct TroubleStories {
    private func isTrouble(_ report: Report) -> Bool { if case .trouble = report { true } else { false } }
    private func isRecovery(_ report: Report) -> Bool { if case .recovered = report { true } else { false } }

    @Test("a full disk stops claiming until it goes again, and is told once")
    func fullDisk() {
        let harness = EngineHarness()
        harness.refusal = { action in if case .claim = action { .noSpace } else { nil } }
        harness.subscribe(.make("a"))
        harness.drop(count: 5)
        harness.run(until: .at(30))
        #expect(harness.calls.isEmpty && harness.count(isTrouble) == 1)
        #expect(harness.claims.count <= 5 * 31)
        harness.refusal = { _ in nil }
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 5 && harness.leftovers == [])
        #expect(harness.count(isTrouble) == 1 && harness.count(isRecovery) == 1)
    }

    @Test("a directory that can't be read is told of with the reason", arguments: [Errno.permissionDenied, .ioError])
    func unreadable(code: Errno) {
        func told(_ refuses: @escaping (Action) -> Bool) -> [Errno] {
            let harness = EngineHarness()
            harness.refusal = { refuses($0) ? code : nil }
            harness.subscribe(.make("a"))
            harness.mail.append(.rescan(includingProcessing: true))
            harness.run(until: .at(10))
            return harness.reports.compactMap { if case .trouble(let code, _) = $0 { code } else { nil } }
        }
        #expect(told { if case .scanIncoming = $0 { true } else { false } } == [code])
        #expect(told { if case .sweepProcessing = $0 { true } else { false } } == [code])
    }

    @Test("a delivery that can't be recorded is recorded later, and not posted again")
    func recordRefused() {
        let harness = EngineHarness()
        harness.refusal = { action in if case .record = action { .noSpace } else { nil } }
        harness.subscribe(.make("a"), .make("b"))
        harness.drop(count: 3)
        harness.run(until: .at(30))
        #expect(harness.calls.count == 6 && harness.spool.processing.count == 3)
        harness.refusal = { _ in nil }
        harness.run()
        #expect(harness.calls.count == 6 && harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
    }

    @Test("a failed attempt that is recorded after a later success does not repeat that")
    func recordedLate() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300]), .make("slow"))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.receivers["slow"] = { _ in .hang }
        var isFirst = true
        harness.refusal = { action in
            guard case .record = action, isFirst else { return nil }
            isFirst = false
            return .noSpace
        }
        harness.drop("k")
        harness.run(until: noon + .milliseconds(100))
        harness.touch("k")
        harness.run(until: .at(10))
        harness.crash()
        harness.receivers["slow"] = nil
        harness.run()
        #expect(harness.calls(to: "a").map(\.attempt) == [1, 2])
        #expect(harness.state(of: "k") == .done)
    }

    @Test("somebody who subscribes while the settling is refused hears of it")
    func subscribedWhileRefused() {
        let harness = EngineHarness()
        harness.refusal = { action in if case .record = action { .noSpace } else { nil } }
        harness.subscribe(.make("a"))
        harness.drop("k")
        harness.run(until: .at(5))
        harness.subscribe(.make("new"))
        harness.run(until: .at(6))
        harness.refusal = { _ in nil }
        harness.run()
        #expect(harness.calls.map(\.subscription) == ["a", "new"])
        #expect(harness.state(of: "k") == .done)
    }

    @Test("what can't be loaded or swept for is tried again, without spinning")
    func loadsAndSweepsRefused() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5]))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.drop(count: 3)
        harness.run(until: .at(1))
        harness.refusal = { action in
            switch action {
            case .load, .sweepProcessing, .scanIncoming: .ioError
            default: nil
            }
        }
        harness.mail.append(.rescan(includingProcessing: true))
        harness.subscribe(.make("new"))
        harness.run(until: .at(30))
        #expect(harness.calls(to: "a").count == 3)
        harness.refusal = { _ in nil }
        harness.run()
        #expect(harness.calls(to: "a").count == 6 && harness.calls(to: "new").count == 3)
        #expect(harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
    }

    @Test("after the signal to stop nothing begins, and it is stopped once all under way is recorded")
    func stop() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", concurrency: 1))
        harness.receivers["a"] = { _ in .hang }
        harness.drop(count: 3)
        harness.run(until: .at(1))
        harness.mail.append(.stop)
        harness.drop("late")
        harness.run(until: .at(2))
        #expect(!harness.engine.isStopped && harness.calls.count == 1)
        var refused = 0
        harness.refusal = { action in
            guard case .record = action else { return nil }
            refused += 1
            return refused == 1 ? .noSpace : nil
        }
        harness.endHanging("a", .answer(status: 200, retryAfter: nil, head: []))
        harness.once()
        harness.once()
        #expect(!harness.engine.isStopped)
        harness.run(until: .at(10))
        #expect(harness.engine.isStopped && harness.calls.count == 1)
        #expect(harness.spool.keys(in: .done).count == 1 && harness.spool.incoming.count == 1)
    }

    @Test("what stands in aside/ is queued once, however often it is listed")
    func listedAgain() {
        var actions: [Action] = []
        let harness = EngineHarness()
        for _ in 0..<100 {
            harness.engine.handle(.leftAside(Array("k.json~00112233".utf8)), at: noon, into: &actions)
        }
        #expect(harness.engine.intake.queue.count == 1)
    }

    @Test("a walk over done/ that is due while subscriptions/ can't be read is waited for without spinning")
    func blindArchive() {
        let harness = EngineHarness(archives: true)
        harness.subscribe(.make("a"))
        harness.run(until: .at(10))
        harness.mail.append(.subscriptions(nil))
        harness.run(until: .at(3 * 3600))
    }
}
