import Foundation
import TestSupport
import Testing

/// When a person does something to a spool: every move holds at each of these.
enum When: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case running, stopped, killed

    var testDescription: String { "daemon \(rawValue)" }
}

/// A spool with the daemon that serves it.
final class Stage {
    let spool: TestSpool
    private let arguments: [String]
    private(set) var daemon: Daemon
    /// The script that processes the invoices, if one does.
    var processor: Processor?

    /// Starts a daemon on a new spool; `prepare` writes what stands in it before.
    convenience init(_ arguments: [String] = [], prepare: (TestSpool) throws -> Void = { _ in }) throws {
        try self.init(try TestSpool(), arguments, prepare: prepare)
    }

    /// Starts a daemon on a spool that was made before.
    init(_ spool: TestSpool, _ arguments: [String], prepare: (TestSpool) throws -> Void = { _ in }) throws {
        self.spool = spool
        self.arguments = arguments
        try prepare(spool)
        daemon = try Daemon(spool, arguments)
    }

    /// Does something to the spool while the daemon runs, or between two runs of it.
    func act(_ when: When, _ action: () throws -> Void) throws {
        switch when {
        case .running: break
        case .stopped: try daemon.terminate()
        case .killed: try daemon.kill9()
        }
        try action()
        if when != .running { try start() }
    }

    /// Starts the daemon again.
    func start() throws {
        daemon = try Daemon(spool, arguments)
    }
}

/// A schedule with the same wait before each attempt and no jitter, so that stories know what comes first.
func every(_ wait: String, attempts: Int) -> [String: Any] {
    ["retry": ["max_attempts": attempts, "base": wait, "factor": 1, "cap": wait, "jitter": 0] as [String: Any]]
}

extension Stage {
    /// Waits, if the daemon runs, until it has taken a drop: the next of the same name would replace it.
    func daemonMayTake(_ key: String, _ when: When) throws {
        if when == .running { try spool.waitUntilGone("incoming/\(key).json") }
    }
}

extension TestSpool {
    /// The states in which a key's request stands.
    func states(of key: String) -> [String] {
        ["incoming", "processing", "done", "dead", "hold"].filter { contains("\($0)/\(key).json") }
    }
}
