import Foundation
import Synchronization
import TestSupport
import Testing

@Suite(
    "Whatever stops a run", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct FaultTests {
    private static let isFull = ProcessInfo.processInfo.environment["BILLHOOK_TEST_FULL"] == "1"
    private static let scenario = Result { try Scenario() }
    private static let tally = Mutex((kills: 0, errors: 0, violations: 0))

    @Test("killed before any of its calls, the next run finishes it", arguments: World.all)
    func kill(world: World) throws {
        let calls = world.renamesWithoutReplacing ? Recording.writing : ["renameat", "linkat", "unlinkat"]
        try walk(world, atOnce: 2) { walker in
            Recording(try walker.record(), of: calls, all: FaultTests.isFull).points.map {
                Fault(call: $0.call, occurrence: $0.occurrence, kind: .kill)
            }
        }
    }

    @Test("when any of its calls fails, it goes on, or the next run does", arguments: World.all.prefix(2))
    func fail(world: World) throws {
        // A run that meets an error waits for a second, so more of them share the processors.
        try walk(world, atOnce: 5) { walker in
            let calls = world.durability == "full" ? ["fsync", "syncfs"] : Recording.writing + Recording.reading
            let points = Recording(try walker.record(), of: calls, all: FaultTests.isFull).points
            return points.enumerated().flatMap { index, point in
                let all = FaultTests.errors(of: point.call)
                let errors = FaultTests.isFull ? all : [all[index % all.count]]
                return errors.map { Fault(call: point.call, occurrence: point.occurrence, kind: .error($0)) }
            }
        }
        let tally = FaultTests.tally.withLock { $0 }
        if world == World.all[1] {
            print(
                "kill points walked: \(tally.kills), faults injected: \(tally.errors), violations: \(tally.violations)")
        }
    }

    private static func errors(of call: String) -> [String] {
        switch call {
        case "renameat2": ["ENOSPC", "EINTR", "EINVAL"]
        case "openat", "write", "mkdirat", "linkat", "renameat": ["ENOSPC", "EINTR"]
        case "unlinkat", "ftruncate", "utimensat", "fsync", "syncfs": ["ENOSPC", "EIO", "EINTR"]
        default: ["ENOMEM", "EINTR"]
        }
    }

    /// Walks the points some at a time.
    private func walk(_ world: World, atOnce: Int, _ plan: (Walker) throws -> [Fault]) throws {
        let strace = try #require(Binary.strace)
        let walker = try Walker(try FaultTests.scenario.get(), world, strace: strace)
        let faults = try plan(walker)
        #expect(!faults.isEmpty)
        let next = Atomic(0)
        let issues = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: atOnce) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < faults.count else { return }
                // The long walk takes an hour: whoever waits for it is told how far it is, and of a violation at once.
                if FaultTests.isFull, index % 250 == 0 {
                    FaultTests.say("\(world): \(index) of \(faults.count) faults")
                }
                let found = FaultTests.violations(walker, faults[index])
                if FaultTests.isFull { found.forEach(FaultTests.say) }
                issues.withLock { $0 += found }
            }
        }
        for issue in issues.withLock({ $0 }) { Issue.record(Comment(rawValue: issue)) }
    }

    private static func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    private static func violations(_ walker: Walker, _ fault: Fault) -> [String] {
        do {
            guard case .harmed(let violations) = try walker.walk(fault) else { return [] }
            tally.withLock { tally in
                if fault.kind == .kill { tally.kills += 1 } else { tally.errors += 1 }
                tally.violations += violations.count
            }
            return violations
        } catch {
            return ["\(walker.world): \(fault): \(error)"]
        }
    }
}
