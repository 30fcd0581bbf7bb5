import Foundation
import TestSupport
import Testing

/// A run of the program that is held for a while as it enters one system call, so that somebody else can act in the
/// moment between its last look and its deed.
struct HeldRun {
    private let strace: Spawn
    private let log: String

    /// - Parameters:
    ///   - call: which call, and the name of a file that it names.
    ///   - occurrence: which of them in its thread, counted from 1.
    ///   - isLinking: the file system knows no RENAME_NOREPLACE.
    init(
        _ command: [String], _ spool: TestSpool, before call: String, naming name: String? = nil,
        occurrence: Int = 1, isLinking: Bool = false
    ) throws {
        log = spool.scratch.path("daemon.log")
        var options = ["-f", "-qq", "-e", "signal=none", "-o", spool.scratch.path("trace")]
        if isLinking { options += ["-e", "inject=renameat2:error=EINVAL"] }
        // Long enough to be noticed and made use of, on a busy machine too.
        options += ["-e", "trace=renameat2,\(call)", "-e", "inject=\(call):delay_enter=2s:when=\(occurrence)"]
        if let name { options += ["-P", name] }
        strace = try Spawn(
            try #require(Binary.strace), options + [Binary.billhook] + command + ["--spool", spool.path], output: log,
            errors: log)
    }

    /// Acts while the run is held, and lets it come to its end. Returns what it ended with.
    func whileHeld(_ act: () throws -> Void) throws -> Int32 {
        var stops = 0
        try eventually("the run is held", timeout: .seconds(20)) {
            stops = isHeld ? stops + 1 : 0
            return stops >= 8
        }
        try act()
        return try strace.wait()
    }

    /// Whether a thread stands still at a call; one that strace looks at stands so for an instant at each.
    private var isHeld: Bool {
        children(of: strace.processID).contains { process in
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            return threads.contains { thread in
                let status = try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/stat", encoding: .utf8)
                return status?.split(separator: ")").last?.hasPrefix(" t ") ?? false
            }
        }
    }

    private func children(of process: pid_t) -> [Substring] {
        let path = "/proc/\(process)/task/\(process)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return Array(text.split(separator: " ")).map { Substring($0) }
    }
}
