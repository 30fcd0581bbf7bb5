import Foundation
import TestSupport

/// The programs that a walk needs.
enum Binary {
    /// `BILLHOOK_BINARY`, else the one that was built beside the tests.
    static let billhook: String = {
        if let path = ProcessInfo.processInfo.environment["BILLHOOK_BINARY"] { return path }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("billhook").path
    }()

    static let strace: String? = ["/usr/bin/strace", "/usr/local/bin/strace", "/bin/strace"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Whether programs can be run under strace here: some containers forbid it.
    static let canTrace: Bool = {
        guard let strace, let scratch = try? ScratchDirectory() else { return false }
        let output = scratch.path("out")
        let process = try? Spawn(
            strace, ["-f", "-qq", "-o", scratch.path("trace"), "/bin/true"], output: output,
            errors: output)
        return (try? process?.wait()) == 0
    }()
}
