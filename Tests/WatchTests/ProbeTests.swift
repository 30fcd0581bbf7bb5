import Foundation
import Glibc
import Testing

@testable import Watch

extension WatcherStories {
    @Suite struct ProbeTests {
        @Test("the probe finds events where there are some, keeps those of others, and leaves no file")
        func works() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            try require(mkfifo(directory.inside("a.json"), 0o644) == 0)
            var others: [WatchEvent] = [.overflow]
            let works = try NotificationProbe.works(
                directory.watcher, directory: directory.path, tag: directory.tag, others: &others)
            #expect(works)
            #expect(others == [directory.arrived("a.json", .created)])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a.json"])
        }

        @Test("a probe of a directory whose events don't come says so, and a wake-up meanwhile is kept")
        func silentDirectory() throws {
            let directory = try WatchedDirectory()
            _ = try directory.eventsUntilNow()
            directory.watcher.wake()
            var others: [WatchEvent] = []
            let works = try NotificationProbe.works(
                directory.watcher, directory: directory.outside, tag: directory.tag, others: &others)
            #expect(!works)
            var batch: [WatchEvent] = []
            try directory.watcher.next(timeout: nil, into: &batch)
            #expect(batch == [])
        }

        @Test("a probe that can't create its file says why")
        func missingDirectory() throws {
            let directory = try WatchedDirectory()
            var others: [WatchEvent] = []
            let error = #expect(throws: WatchError.self) {
                try NotificationProbe.works(
                    directory.watcher, directory: directory.outside("missing"), tag: directory.tag, others: &others)
            }
            #expect(error == WatchError(.probeFailed, path: directory.outside("missing"), number: ENOENT))
        }
    }
}

@Suite struct SharedFileSystemTests {
    @Test("network file systems and FUSE may hide changes", arguments: [0x6969, 0x6573_5546, 0x00C3_6400, 0xFE53_4D42])
    func shared(type: UInt) {
        #expect(NotificationProbe.isShared(fileSystemType: type))
    }

    @Test("local file systems do not", arguments: [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0])
    func local(type: UInt) {
        #expect(!NotificationProbe.isShared(fileSystemType: type))
    }

    @Test("the memory file system is known by its path, a missing one is not")
    func byPath() {
        #expect(!NotificationProbe.mayHideRemoteChanges(in: "/proc"))
        #expect(!NotificationProbe.mayHideRemoteChanges(in: "/no/such/directory"))
    }
}
