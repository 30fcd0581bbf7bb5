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
        options += ["-e", "trace=renameat2,\(call)", "-e", "inject=\(call):delay_enter=3s:when=\(occurrence)"]
        if let name { options += ["-P", name] }
        strace = try Spawn(
            try #require(Binary.strace), options + [Binary.billhook] + command + ["--spool", spool.path], output: log,
            errors: log)
    }

    /// Acts while the run is held, and lets it come to its end. Returns what it ended with.
    func whileHeld(_ act: () throws -> Void) throws -> Int32 {
        var (last, since) = ("", ContinuousClock.now)
        try eventually("the run is held", timeout: .seconds(20)) {
            let now = stop ?? ""
            if now != last { (last, since) = (now, .now) }
            return !now.isEmpty && ContinuousClock.now - since > HeldRun.longestGlance
        }
        try act()
        return try strace.wait()
    }

    /// At each of its calls a thread stands still until strace has looked at it, for longer where there is much to do.
    private static let longestGlance = Duration.milliseconds(300)

    /// Which thread stands still, and in which call with which arguments.
    private var stop: String? {
        for process in children(of: strace.processID) {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            for thread in threads {
                let path = "/proc/\(process)/task/\(thread)/"
                guard let status = try? String(contentsOfFile: path + "stat", encoding: .utf8),
                    status.split(separator: ")").last?.hasPrefix(" t ") ?? false,
                    let call = try? String(contentsOfFile: path + "syscall", encoding: .utf8)
                else { continue }
                return "\(thread) \(call)"
            }
        }
        return nil
    }

    private func children(of process: pid_t) -> [Substring] {
        let path = "/proc/\(process)/task/\(process)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return Array(text.split(separator: " ")).map { Substring($0) }
    }
}
