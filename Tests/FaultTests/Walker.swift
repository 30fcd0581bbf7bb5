import Foundation
import TestSupport

/// Runs the scenario under strace, harms the run at one point, runs it again unharmed, and looks at what is left.
final class Walker: Sendable {
    /// What a walk found.
    enum Outcome {
        /// The fault was never reached.
        case unharmed
        case harmed(violations: [String])
    }

    private let scenario: Scenario
    private let strace: String
    let world: World
    private let expected: Set<String>

    /// Makes the run that others are compared with.
    init(_ scenario: Scenario, _ world: World, strace: String) throws {
        self.scenario = scenario
        self.world = world
        self.strace = strace
        let hearers = try Walker.hearers()
        let spool = try scenario.copy(hearers: world.isHeard ? hearers : nil)
        let status = try Walker.run(spool, Walker.arguments(spool, world))
        expected = try Snapshot(of: spool.path).outline
        guard status == 65 else { throw HarnessError("The run to compare with ended with \(status). \(log(spool))") }
    }

    /// The calls of an unharmed run that name the spool.
    func record() throws -> String {
        let hearers = try Walker.hearers()
        let spool = try scenario.copy(hearers: world.isHeard ? hearers : nil)
        _ = try Walker.run(spool, [strace] + options(spool, calls: Recording.writing + Recording.reading, nil))
        return String(decoding: try spool.scratch.read("trace"), as: UTF8.self)
    }

    func walk(_ fault: Fault) throws -> Outcome {
        let hearers = try Walker.hearers()
        let spool = try scenario.copy(hearers: world.isHeard ? hearers : nil)
        let before = try Snapshot(of: spool.path)
        let status = try Walker.run(spool, [strace] + options(spool, calls: [fault.call], fault))
        let trace = String(decoding: try spool.scratch.read("trace"), as: UTF8.self)
        guard status == 137 || trace.contains("(INJECTED)") else { return .unharmed }
        let harmed = try Snapshot(of: spool.path)
        var violations = judge(status, fault, spool)
        let second = try Walker.run(spool, Walker.arguments(spool, world))
        if ![0, 65].contains(second) { violations.append("the clean run ended with \(second)") }
        let after = try Snapshot(of: spool.path)
        let promises = Promises(
            before: before, harmed: harmed, after: after, calls: hearers.receiver.calls, expected: expected,
            fault: fault)
        violations += promises.violations()
        let calls = hearers.receiver.calls.count
        _ = try Walker.run(spool, Walker.arguments(spool, world))
        violations += after.changes(to: try Snapshot(of: spool.path)).map { "a second clean run: \($0)" }
        if hearers.receiver.calls.count != calls { violations.append("a second clean run made calls") }
        guard !violations.isEmpty else { return .harmed(violations: []) }
        let context =
            ["\(world): \(fault)"] + violations.map { "  " + $0 } + [
                "log:", log(spool), "calls:", String(trace.suffix(2000)),
            ]
            + ["as the harm left it:", harmed.listing, "now:", after.listing]
        return .harmed(violations: [context.joined(separator: "\n")])
    }

    /// A killed run was killed; any other goes on to its end, unless it was refused its start.
    private func judge(_ status: Int32, _ fault: Fault, _ spool: TestSpool) -> [String] {
        switch (fault.kind, status) {
        case (.kill, 137), (.error, 0), (.error, 65): []
        case (.error, -1): ["it hangs"]
        case (.error, 74) where log(spool).contains("subscriptions/ can't be read"): []
        case (.error, 73...78): log(spool).contains(" ready: ") ? ["it ended with \(status)"] : []
        default: ["it ended with \(status)"]
        }
    }

    // MARK: Running

    /// They refuse the keys that are to die.
    private static func hearers() throws -> Hearers {
        try Hearers(refused: ["doomed", "gave-up-doomed"])
    }

    private static func arguments(_ spool: TestSpool, _ world: World) -> [String] {
        [
            Binary.billhook, "run", "--drain", "--wait-retries", "--lanes", "1", "--unsubscribe-after", "20ms",
            "--spool", spool.path, "--durability",
            world.durability,
        ]
    }

    /// Runs a program to its end; -1 if that does not come in 20 seconds.
    private static func run(_ spool: TestSpool, _ command: [String]) throws -> Int32 {
        let log = spool.scratch.path("daemon.log")
        let process = try Spawn(
            command[0], Array(command.dropFirst()), output: log, errors: log)
        do {
            return try process.wait(timeout: .seconds(20))
        } catch {
            let holder = try spool.text(".billhook/lock").split(whereSeparator: \.isWhitespace).last
            if let holder, let id = pid_t(holder) { kill(id, SIGKILL) }
            _ = try process.wait()
            return -1
        }
    }

    /// What strace is told: to follow all threads, and to look only at calls that name the spool.
    private func options(_ spool: TestSpool, calls: [String], _ fault: Fault?) -> [String] {
        var options = ["-f", "-qq", "-y", "-o", spool.scratch.path("trace"), "-e", "signal=none"]
        var traced = calls
        if !world.renamesWithoutReplacing {
            traced.append("renameat2")
            options += ["-e", "inject=renameat2:error=EINVAL"]
        }
        options += ["-e", "trace=" + traced.joined(separator: ",")]
        if let fault { options += ["-e", "inject=" + fault.injection] }
        for path in paths(spool) { options += ["-P", path] }
        return options + Walker.arguments(spool, world)
    }

    private func paths(_ spool: TestSpool) -> [String] {
        let states = ["incoming", "processing", "done", "dead", "hold"]
        var paths = states + ["archive", ".billhook/aside", "subscriptions"]
        for state in states {
            for name in expected { paths.append(contentsOf: files(name, state)) }
        }
        return Set(paths).sorted().map { spool.path($0) }
    }

    /// The paths that a request in the end result, and its sidecars, may have had on their way.
    private func files(_ outline: String, _ state: String) -> [String] {
        let path = outline.prefix { $0 != ":" }
        guard path.hasSuffix(".json"), let name = path.split(separator: "/").last else { return [] }
        return ["", ".attempts", ".invoice", ".error"].map { "\(state)/\(name)\($0)" }
    }

    private func log(_ spool: TestSpool) -> String {
        (try? spool.scratch.read("daemon.log")).map { String(decoding: $0.suffix(3000), as: UTF8.self) } ?? ""
    }
}
