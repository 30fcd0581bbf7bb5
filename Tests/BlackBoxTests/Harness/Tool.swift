import Foundation
import TestSupport

/// A program that is run to its end.
struct Tool {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program.
    static func run(_ program: String, _ arguments: [String]) throws -> Tool {
        let scratch = try ScratchDirectory()
        let status = try Spawn(
            program, arguments, output: scratch.path("output"), errors: scratch.path("errors")
        ).wait()
        return Tool(status: status, output: scratch.text("output"), errors: scratch.text("errors"))
    }

    /// Runs a command of `billhook` on a spool.
    static func billhook(_ spool: TestSpool, _ arguments: [String]) throws -> Tool {
        try run(Daemon.binary, arguments + ["--spool", spool.path])
    }

    /// The path of a program; `nil` if it is not installed.
    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}
