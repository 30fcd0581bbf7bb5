import Foundation
import TestSupport

/// The program that is tested.
enum PowerCutProgram {
    /// `BILLHOOK_BINARY`, else what was built beside the tests.
    private static let path: String = {
        if let path = ProcessInfo.processInfo.environment["BILLHOOK_BINARY"] { return path }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("billhook").path
    }()

    /// Starts it; what it says goes to `billhook.log` in the scratch directory.
    static func start(_ arguments: [String], _ scratch: ScratchDirectory, output: String) throws -> Spawn {
        try Spawn(path, arguments, output: output, errors: scratch.path("billhook.log"))
    }
}
