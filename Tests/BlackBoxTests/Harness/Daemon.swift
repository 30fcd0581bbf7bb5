import Foundation
import TestSupport

/// `billhook run` on a story's spool: the built program itself.
final class Daemon: Sendable {
    /// `BILLHOOK_BINARY`, else the one that was built beside the tests.
    static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["BILLHOOK_BINARY"] { return path }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("billhook").path
    }()

    let spool: TestSpool
    let process: Spawn

    /// Starts it, by way of another program if need be, and waits until it says that it is ready.
    init(_ spool: TestSpool, _ arguments: [String] = [], through wrapper: [String] = []) throws {
        self.spool = spool
        let before = Daemon.log(of: spool).utf8.count
        process = try Daemon.spawn(spool, arguments, through: wrapper)
        try eventually("the daemon is ready", orElse: Daemon.log(of: spool)) {
            guard process.status == nil else { throw HarnessError("It ended: \(Daemon.log(of: spool))") }
            return Daemon.log(of: spool).utf8.dropFirst(before).firstRange(of: " ready: ".utf8) != nil
        }
    }

    /// Runs it to its end and returns its exit status and what it wrote to stdout.
    static func run(_ spool: TestSpool, _ arguments: [String], timeout: Duration = .seconds(30)) throws -> (
        status: Int32, output: String
    ) {
        let before = spool.scratch.text("daemon.out").count
        let status = try spawn(spool, arguments).wait(timeout: timeout)
        return (status, String(spool.scratch.text("daemon.out").dropFirst(before)))
    }

    static func spawn(_ spool: TestSpool, _ arguments: [String], through wrapper: [String] = []) throws -> Spawn {
        let command = wrapper + [binary, "run", "--spool", spool.path, "--log-level", "debug"] + arguments
        return try Spawn(
            command[0], Array(command.dropFirst()),
            output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
    }

    /// What all daemons of this spool have logged.
    static func log(of spool: TestSpool) -> String {
        spool.scratch.text("daemon.log")
    }

    var log: String { Daemon.log(of: spool) }

    /// SIGTERM; returns the exit status.
    @discardableResult
    func terminate() throws -> Int32 {
        process.signal(SIGTERM)
        return try process.wait()
    }

    /// SIGKILL, at this very moment.
    func kill9() throws {
        process.signal(SIGKILL)
        _ = try process.wait()
    }

    /// Waits until the log says something.
    func waitForLog(_ text: String, count: Int = 1) throws {
        try eventually("the log says '\(text)'", orElse: log) { log.components(separatedBy: text).count > count }
    }
}
