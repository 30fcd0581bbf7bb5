import Foundation
import Glibc
import Synchronization
import Testing
import Watch

extension WatcherStories {
    /// How the watcher waits, wakes and keeps up.
    @Suite struct WaitingTests {
        @Test("a wake-up from another thread ends the wait without an event")
        func wokenFromAnotherThread() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            let watcher = directory.watcher
            let thread = Thread { watcher.wake() }
            thread.start()
            var batch: [WatchEvent] = [.overflow]
            try watcher.next(timeout: nil, into: &batch)
            #expect(batch == [])
        }

        @Test("wake-ups before the wait end it at once, and count as one")
        func wokenBefore() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            var batch: [WatchEvent] = []
            directory.watcher.wake()
            directory.watcher.wake()
            try directory.watcher.next(timeout: nil, into: &batch)
            #expect(batch == [])
            try require(mkfifo(directory.inside("a.json"), 0o644) == 0)
            try directory.watcher.next(timeout: nil, into: &batch)
            #expect(batch == [directory.arrived("a.json", .created)])
        }

        @Test("a wait without time returns what is there, and nothing if nothing is")
        func noWait() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            var batch: [WatchEvent] = [.overflow]
            try directory.watcher.next(timeout: .zero, into: &batch)
            #expect(batch == [])
            try directory.watcher.next(timeout: .milliseconds(-5), into: &batch)
            #expect(batch == [])
            try directory.watcher.next(timeout: .microseconds(1), into: &batch)
            #expect(batch == [])
        }

        @Test("its descriptor can be read while there is news, and no longer when that has been taken")
        func descriptor() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            var polled = pollfd(fd: directory.watcher.descriptor, events: Int16(POLLIN), revents: 0)
            #expect(poll(&polled, 1, 0) == 0)
            try require(mkfifo(directory.inside("a.json"), 0o644) == 0)
            #expect(poll(&polled, 1, 0) == 1)
            var batch: [WatchEvent] = []
            try directory.watcher.next(timeout: .zero, into: &batch)
            #expect(batch == [directory.arrived("a.json", .created)])
            #expect(poll(&polled, 1, 0) == 0)
        }

        @Test("more events than one batch holds all come, in order, and the rest without waiting")
        func manyEvents() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            // What the library has read, 64 KiB at a time, is not seen by poll(2). Events of 48 bytes, 1,365 to a read:
            // when the first batch is full, the rest has been read and the kernel's queue is empty.
            let names = (0..<Watcher.batchLimit + 100).map { "invoice-2026-\(100_000 + $0).json" }
            for name in names { try require(mkfifo(directory.inside(name), 0o644) == 0) }
            var batch: [WatchEvent] = []
            try directory.watcher.next(timeout: .seconds(10), into: &batch)
            #expect(batch == names.prefix(Watcher.batchLimit).map { directory.arrived($0, .created) })
            try directory.watcher.next(timeout: .zero, into: &batch)
            #expect(batch == names.suffix(100).map { directory.arrived($0, .created) })
        }

        @Test("when more events than the kernel keeps are not taken, the overflow is reported after those it kept")
        func overflow() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            let setting = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
            let limit = try #require(Int(setting.trimmingCharacters(in: .whitespacesAndNewlines)))
            try require(mkfifo(directory.inside("0"), 0o644) == 0)
            // To and fro between two names: equal neighbours in the queue would be merged.
            for number in 0...limit {
                let (from, to) = (directory.inside("\(number % 2)"), directory.inside("\((number + 1) % 2)"))
                try require(rename(from, to) == 0)
            }
            let events = try directory.events { $0 == .overflow }
            #expect(events.count == limit + 1)
            #expect(events.last == .overflow)
            #expect(events.filter { $0 == .overflow }.count == 1)

            try require(mkfifo(directory.inside("after"), 0o644) == 0)
            #expect(try directory.eventsUntilNow() == [directory.arrived("after", .created)])
        }
    }
}
