import Foundation
import Glibc
import Testing
import Watch

extension WatcherStories {
    /// Which changes are reported, for which interests, and of which directory.
    @Suite struct InterestTests {
        @Test("removals are unlinks and renames away")
        func removals() throws {
            let directory = try WatchedDirectory([.arrivals, .removals])
            for name in ["a.json", "b.json"] { try require(mkfifo(directory.inside(name), 0o644) == 0) }
            try require(unlink(directory.inside("a.json")) == 0)
            try require(rename(directory.inside("b.json"), directory.outside("b.json")) == 0)
            let expected = [
                directory.arrived("a.json", .created), directory.arrived("b.json", .created),
                directory.removed("a.json"), directory.removed("b.json"),
            ]
            #expect(try directory.eventsUntilNow() == expected)
        }

        @Test("a touch of an entry, and of the directory, is a change of attributes")
        func attributes() throws {
            let directory = try WatchedDirectory([.arrivals, .attributes])
            try require(mkfifo(directory.inside("a.json.attempts"), 0o644) == 0)
            try require(utimes(directory.inside("a.json.attempts"), nil) == 0)
            try require(chmod(directory.path, 0o700) == 0)
            let expected = [
                directory.arrived("a.json.attempts", .created), directory.touched("a.json.attempts"),
                directory.touched(""),
            ]
            #expect(try directory.eventsUntilNow() == expected)
        }

        @Test("what nobody asked for is not reported")
        func onlyArrivals() throws {
            let directory = try WatchedDirectory(.arrivals)
            try require(mkfifo(directory.inside("a.json"), 0o644) == 0)
            try require(chmod(directory.inside("a.json"), 0o600) == 0)
            try require(unlink(directory.inside("a.json")) == 0)
            #expect(try directory.eventsUntilNow() == [directory.arrived("a.json", .created)])
        }

        @Test("events name the directory they belong to")
        func twoDirectories() throws {
            let first = try WatchedDirectory([.arrivals, .removals])
            let second = try WatchedDirectory(.arrivals)
            try require(mkfifo(first.inside("a.json"), 0o644) == 0)
            try require(rename(first.inside("a.json"), second.inside("b.json")) == 0)
            var seen: [WatchEvent] = []
            var batch: [WatchEvent] = []
            repeat {
                try first.watcher.next(timeout: .seconds(10), into: &batch)
                seen += batch
            } while !batch.isEmpty && !seen.contains(second.arrived("b.json", .movedIn))
            let ours = seen.filter { $0.tag == first.tag || $0.tag == second.tag }
            let expected = [
                first.arrived("a.json", .created), first.removed("a.json"), second.arrived("b.json", .movedIn),
            ]
            #expect(ours == expected)
        }

        @Test("a symbolic link to a directory watches the directory")
        func symbolicLink() throws {
            let directory = try WatchedDirectory()
            let link = directory.parent + "/link"
            try require(symlink("tmp", link) == 0)
            try directory.watcher.add(.init(path: link, tag: directory.tag, events: .arrivals))
            try require(mkfifo(directory.outside("a.json"), 0o644) == 0)
            #expect(try directory.eventsUntilNow() == [directory.arrived("a.json", .created)])
        }

        @Test("a directory watched already is refused under any path, and its watch is unharmed")
        func watchedTwice() throws {
            let directory = try WatchedDirectory()
            for path in [directory.path, directory.path + "/", directory.parent + "/tmp/../incoming"] {
                let error = #expect(throws: WatchError.self) {
                    try directory.watcher.add(.init(path: path, tag: -1, events: .removals))
                }
                #expect(error?.code == .alreadyWatched)
                #expect(error?.path == path)
            }
            try require(mkfifo(directory.inside("a.json"), 0o644) == 0)
            #expect(try directory.eventsUntilNow() == [directory.arrived("a.json", .created)])
        }

        @Test("a path that is no directory is refused with its reason")
        func refusedPaths() throws {
            let directory = try WatchedDirectory()
            try write("", to: directory.outside("file"))
            let cases: [(String, WatchError.Code)] = [
                (directory.outside("missing"), .noSuchDirectory), (directory.outside("file"), .notADirectory),
                ("", .unusablePath), (directory.path + "\0", .unusablePath),
                ("/" + String(repeating: "x/", count: 3000), .unusablePath),
            ]
            for (path, code) in cases {
                let error = #expect(throws: WatchError.self) {
                    try directory.watcher.add(.init(path: path, tag: -1, events: .arrivals))
                }
                #expect(error?.code == code)
                #expect(error?.path == path)
            }
        }
    }
}
