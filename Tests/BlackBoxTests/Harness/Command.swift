import Foundation
import TestSupport

/// A command of the built program, other than `run`, on a story's spool.
enum Command {
    /// Runs it to its end and returns its exit status and what it wrote to stdout; what it wrote to stderr goes to
    /// `command.err`.
    static func run(_ spool: TestSpool, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let output = spool.scratch.path("command.out")
        unlink(output)
        let status = try Spawn(
            Daemon.binary, arguments + ["--spool", spool.path], output: output,
            errors: spool.scratch.path("command.err")
        ).wait()
        return (status, spool.scratch.text("command.out"))
    }
}
