import Foundation
import Glibc
import Synchronization
import Testing
import Watch

/// The one watcher of the test process: the library allows no second one. Its stories run one after the other
/// (`WatcherStories` is serialized), each with a directory and a tag of its own.
let sharedWatcher = Result { () throws(WatchError) in try Watcher() }

/// A fresh watched directory, with an unwatched one beside it to prepare files in.
final class WatchedDirectory {
    private static let lastTag = Atomic<Int>(0)

    let watcher: Watcher
    let parent: String
    let path: String
    let outside: String
    let tag: Int

    init(_ events: Watcher.Kinds = .arrivals) throws {
        watcher = try sharedWatcher.get()
        tag = WatchedDirectory.lastTag.add(1, ordering: .relaxed).newValue
        parent = WatchedDirectory.scratch + "/billhook-watch-\(getpid())-\(tag)"
        path = parent + "/incoming"
        outside = parent + "/tmp"
        for directory in [path, outside] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        try watcher.add(.init(path: path, tag: tag, events: events))
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    static var scratch: String {
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    }

    func inside(_ name: String) -> String { path + "/" + name }

    func outside(_ name: String) -> String { outside + "/" + name }

    /// Everything that was reported of this directory until now, by a last event that nothing can overtake. With an
    /// interest in removals, the end of that one comes next.
    func eventsUntilNow() throws -> [WatchEvent] {
        let name = "the-end"
        try require(mkfifo(inside(name), 0o600) == 0)
        defer { unlink(inside(name)) }
        return try events { $0 == arrived(name, .created) }.dropLast()
    }

    /// The events of this directory, and overflows, up to the first that is `last`. Gives up, with what there is, when
    /// nothing comes for ten seconds.
    func events(upTo last: (WatchEvent) -> Bool) throws -> [WatchEvent] {
        var seen: [WatchEvent] = []
        var batch: [WatchEvent] = []
        repeat {
            try watcher.next(timeout: .seconds(10), into: &batch)
            seen += batch.filter { $0 == .overflow || $0.tag == tag }
        } while !batch.isEmpty && !seen.contains(where: last)
        return seen
    }

    func arrived(_ name: String, _ how: WatchEvent.Arrival) -> WatchEvent {
        .arrived(tag: tag, name: Array(name.utf8), how: how)
    }

    func removed(_ name: String) -> WatchEvent { .removed(tag: tag, name: Array(name.utf8)) }

    func touched(_ name: String) -> WatchEvent { .touched(tag: tag, name: Array(name.utf8)) }
}

extension WatchEvent {
    var tag: Int? {
        switch self {
        case .arrived(let tag, _, _), .removed(let tag, _), .touched(let tag, _), .lost(let tag): tag
        case .overflow: nil
        }
    }
}

struct SystemCallFailed: Error {
    let number: Int32
}

/// Stops the story when a system call it rests on fails.
func require(_ success: Bool) throws {
    guard success else { throw SystemCallFailed(number: errno) }
}

/// Writes in place, as cp, scp and `>` do.
func write(_ text: String, to path: String) throws {
    let descriptor = try openForWriting(path)
    defer { close(descriptor) }
    try require(write(descriptor, text, text.utf8.count) == text.utf8.count)
}

func openForWriting(_ path: String) throws -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try require(descriptor >= 0)
    return descriptor
}
