import Foundation
import Synchronization
import TestSupport

/// Producers that drop the same keys at the same time, each in its own way.
final class Producers: Sendable {
    enum Way: String, Sendable, CaseIterable {
        /// Written beside and renamed in, over whatever stands there.
        case rename
        /// Written beside and linked in, again and again until the name is free: it replaces nothing.
        case link
        /// Written in place, as cp does, into whatever stands there.
        case copy
        /// The command, which replaces nothing either.
        case submit
    }

    private let spool: TestSpool
    private let keys: [String]
    private let content: @Sendable (Int, String) -> String
    private let failures = Mutex<[String]>([])
    private let running = Atomic<Int>(0)
    private let refusals = Atomic<Int>(0)

    /// - Parameter content: what a producer, by its number, drops for a key.
    init(_ spool: TestSpool, keys: [String], content: @escaping @Sendable (Int, String) -> String) {
        self.spool = spool
        self.keys = keys
        self.content = content
    }

    /// Whether one of them is still at work.
    var areRunning: Bool { running.load(ordering: .acquiring) > 0 }

    /// How often `billhook submit` said that the key is taken, by the same request or by another.
    var toldAtSubmit: Int { refusals.load(ordering: .acquiring) }

    /// Lets one producer for each way loose, all at once, and returns when all have ended.
    func run(_ ways: [Way], beside: (@Sendable (Producers) -> Void)? = nil) throws {
        running.store(ways.count, ordering: .releasing)
        let group = DispatchGroup()
        for (number, way) in ways.enumerated() {
            start(group) { [self] in
                defer { running.subtract(1, ordering: .releasing) }
                for key in keys { try drop(key, number, way) }
            }
        }
        if let beside { start(group) { [self] in beside(self) } }
        group.wait()
        let all = failures.withLock { $0 }
        guard all.isEmpty else { throw HarnessError(all.joined(separator: "\n")) }
    }

    private func start(_ group: DispatchGroup, _ body: @escaping @Sendable () throws -> Void) {
        group.enter()
        Thread.detachNewThread { [self] in
            do { try body() } catch { failures.withLock { $0.append("\(error)") } }
            group.leave()
        }
    }

    private func drop(_ key: String, _ number: Int, _ way: Way) throws {
        let staged = "tmp/\(key).\(number)"
        let text = content(number, key)
        switch way {
        case .rename:
            try spool.write(text, to: staged)
            try spool.move(staged, to: "incoming/\(key).json")
        case .link:
            try spool.write(text, to: staged)
            try eventually("\(key) can be linked in", orElse: spool.listing()) {
                link(spool.path(staged), spool.path("incoming/\(key).json")) == 0
            }
            try spool.remove(staged)
        case .copy:
            try copy(text, key)
        case .submit:
            try spool.write(text, to: staged)
            let status = try Spawn(
                Daemon.binary, ["submit", "--spool", spool.path, "--key", key, spool.path(staged)],
                output: spool.scratch.path("submit-\(number).out"), errors: spool.scratch.path("submit-\(number).err")
            ).wait()
            guard [0, 65].contains(status) else {
                throw HarnessError("submit: \(status) \(spool.scratch.text("submit-\(number).err"))")
            }
            try spool.remove(staged)
        }
    }

    private func copy(_ text: String, _ key: String) throws {
        let file = open(spool.path("incoming/\(key).json"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { throw HarnessError("open: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        // In two pieces, as a large file would be.
        for piece in [bytes.prefix(10), bytes.dropFirst(10)] {
            _ = piece.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        }
    }
}

/// `mv -n`, in one system call.
func moveWithoutReplacing(_ path: String, _ target: String) -> Bool {
    typealias Call = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    // Glibc's own module does not show it.
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    return unsafeBitCast(symbol, to: Call.self)(AT_FDCWD, path, AT_FDCWD, target, 1) == 0
}
