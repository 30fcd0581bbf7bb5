public import Foundation

/// A program that was started, with its output in files; killed and reaped with the last reference.
public final class Spawn: @unchecked Sendable {
    private let lock = NSLock()
    // Read and written with `lock` held.
    private var ended: Int32?
    public let processID: pid_t

    /// Starts a program with no input and with no signal blocked.
    public init(_ program: String, _ arguments: [String], output: String, errors: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var vector = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for text in vector { free(text) } }
        var processID: pid_t = 0
        let code = Spawn.exclusively { posix_spawn(&processID, program, &actions, &attributes, &vector, environ) }
        guard code == 0 else {
            throw HarnessError("\(program) can't be started: \(String(cString: strerror(code))).")
        }
        self.processID = processID
    }

    deinit {
        if status == nil {
            kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
        }
    }

    private static let spawning = NSLock()

    /// Does what must not fall between another story's fork and exec: a file that is open for writing in this moment
    /// would be so in the child, too, and look to a daemon as if its writer were still at work.
    public static func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
        try spawning.withLock(body)
    }

    /// What it ended with: its exit code, or 128 and the signal; `nil` while it runs.
    public var status: Int32? {
        lock.withLock {
            if let ended { return ended }
            var raw: Int32 = 0
            guard waitpid(processID, &raw, WNOHANG) == processID else { return nil }
            ended = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            return ended
        }
    }

    public func signal(_ number: Int32) {
        lock.withLock { if ended == nil { kill(processID, number) } }
    }

    /// Waits for its end and returns what it ended with.
    public func wait(timeout: Duration = .seconds(30)) throws -> Int32 {
        try eventually("process \(processID) ends", timeout: timeout) { status != nil }
        return status ?? -1
    }
}
