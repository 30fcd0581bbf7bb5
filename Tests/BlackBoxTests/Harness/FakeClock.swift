import Foundation
import TestSupport

/// A daemon whose wall clock a story sets, by libfaketime; its other clocks are the machine's.
final class FakeClock {
    /// Why there can be none here; `nil` if there can.
    static let objection: String? = library == nil ? "faketime is not installed (apt-get install faketime)" : nil

    private static let library: String? = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first { access($0, R_OK) == 0 }

    let spool: TestSpool
    private var process: Spawn?

    init() throws {
        spool = try TestSpool()
        try set(to: "+0")
    }

    /// Sets the clock, told by how far it is from the machine's: `+2d`, `-90`.
    func set(to offset: String) throws {
        try spool.scratch.write(offset + "\n", to: "offset.new")
        guard rename(spool.scratch.path("offset.new"), spool.scratch.path("offset")) == 0 else {
            throw HarnessError("The clock can't be set: \(String(cString: strerror(errno))).")
        }
    }

    /// Starts the daemon and waits until it is ready. The shell in between has the environment changed by the library before
    /// the program starts, which looks for its arguments behind it.
    func start() throws {
        let before = log.utf8.count
        process = try Spawn(
            "/usr/bin/env",
            [
                "LD_PRELOAD=\(FakeClock.library ?? "")", "FAKETIME_TIMESTAMP_FILE=\(spool.scratch.path("offset"))",
                "FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1", "/bin/sh", "-c", "exec \"$0\" \"$@\"",
                Daemon.binary, "run", "--spool", spool.path, "--rescan-interval", "200ms", "--log-level", "debug",
            ], output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
        try eventually("the daemon is ready", orElse: log) {
            log.utf8.dropFirst(before).firstRange(of: " ready: ".utf8) != nil
        }
    }

    var log: String { Daemon.log(of: spool) }

    func waitForLog(_ text: String) throws {
        try eventually("the log says '\(text)'", orElse: log) { log.contains(text) }
    }

    func terminate() throws -> Int32 {
        process?.signal(SIGTERM)
        return try process?.wait() ?? -1
    }

    func kill9() throws {
        process?.signal(SIGKILL)
        _ = try process?.wait()
    }
}
