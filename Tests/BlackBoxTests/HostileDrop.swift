import Foundation
import TestSupport
import Testing

/// Something in incoming/ that a hostile, broken or careless producer may leave there, and what must become of it.
struct HostileDrop: Sendable, CustomTestStringConvertible {
    enum Fate: Sendable, Equatable {
        /// Never opened; moved to dead/refused-HHHHHHHH, with an `.error` that tells the escaped name.
        case refused
        /// The request of this key, in dead/ with this code.
        case dead(String, code: String)
        /// The request of this key, in done/.
        case done(String)
        /// Left in incoming/ as it is.
        case left
    }

    let story: String
    /// Its name in incoming/, not always UTF-8.
    let name: [UInt8]
    let fate: Fate
    let needsRoot: Bool
    /// Makes it at a path outside of the spool, from where it is renamed into incoming/.
    let make: @Sendable (TestSpool, String) throws -> Void

    var testDescription: String { story }

    init(
        _ story: String, _ name: [UInt8], _ fate: Fate, needsRoot: Bool = false,
        make: @escaping @Sendable (TestSpool, String) throws -> Void
    ) {
        self.story = story
        self.name = name
        self.fate = fate
        self.needsRoot = needsRoot
        self.make = make
    }

    init(
        _ story: String, _ name: String, _ fate: Fate, needsRoot: Bool = false,
        make: @escaping @Sendable (TestSpool, String) throws -> Void
    ) {
        self.init(story, Array(name.utf8), fate, needsRoot: needsRoot, make: make)
    }

    /// A regular file of these bytes.
    static func file(_ story: String, _ name: String, _ fate: Fate, _ content: [UInt8]) -> HostileDrop {
        HostileDrop(story, name, fate) { _, path in try Data(content).write(to: URL(fileURLWithPath: path)) }
    }

    /// A good request under a bad, odd or good name.
    static func named(_ story: String, _ name: [UInt8], _ fate: Fate) -> HostileDrop {
        HostileDrop(story, name, fate) { _, path in
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    static func named(_ story: String, _ name: String, _ fate: Fate) -> HostileDrop {
        named(story, Array(name.utf8), fate)
    }

    /// Where it is put together.
    func stagingPath(in spool: TestSpool) -> String { spool.scratch.path("hostile") }

    /// Renames it into incoming/.
    func enter(_ spool: TestSpool) throws {
        try check(rename(stagingPath(in: spool), target(in: spool)), story)
    }

    /// Whether something stands in incoming/ under its name.
    func isInIncoming(_ spool: TestSpool) -> Bool {
        var status = stat()
        return lstat(target(in: spool), &status) == 0
    }

    private func target(in spool: TestSpool) -> [CChar] {
        (Array(spool.path("incoming/").utf8) + name + [0]).map { CChar(bitPattern: $0) }
    }
}

/// Throws what `errno` says unless a call succeeded.
func check(_ result: Int32, _ what: String) throws {
    guard result == 0 else { throw HarnessError("\(what): \(String(cString: strerror(errno)))") }
}
