import Foundation
import Glibc
import Testing
import Watch

extension WatcherStories {
    /// What each way of dropping a file looks like. Every expectation is the complete list of events.
    @Suite struct ProducerTests {
        @Test("a file written in place is reported when it is created and when its writer closes it")
        func writtenInPlace() throws {
            let directory = try WatchedDirectory()
            try write("{}", to: directory.inside("a.json"))
            let events = try directory.eventsUntilNow()
            #expect(events == [directory.arrived("a.json", .created), directory.arrived("a.json", .written)])
        }

        @Test("a file renamed into the directory is reported once")
        func renamedIn() throws {
            let directory = try WatchedDirectory()
            try write("{}", to: directory.outside("a.json"))
            try require(rename(directory.outside("a.json"), directory.inside("a.json")) == 0)
            #expect(try directory.eventsUntilNow() == [directory.arrived("a.json", .movedIn)])
        }

        @Test("a file that replaces another by a rename is reported like any rename")
        func replacedByRename() throws {
            let directory = try WatchedDirectory([.arrivals, .removals])
            try write("old", to: directory.inside("a.json"))
            _ = try directory.eventsUntilNow()
            try write("new", to: directory.outside("a.json"))
            try require(rename(directory.outside("a.json"), directory.inside("a.json")) == 0)
            let events = try directory.eventsUntilNow()
            #expect(events == [directory.removed("the-end"), directory.arrived("a.json", .movedIn)])
        }

        @Test("a temporary name inside is reported, and then the name it is renamed to")
        func temporaryNameInside() throws {
            let directory = try WatchedDirectory()
            try write("{}", to: directory.inside(".a.tmp"))
            try require(rename(directory.inside(".a.tmp"), directory.inside("a.json")) == 0)
            let expected = [
                directory.arrived(".a.tmp", .created), directory.arrived(".a.tmp", .written),
                directory.arrived("a.json", .movedIn),
            ]
            #expect(try directory.eventsUntilNow() == expected)
        }

        @Test("a finished file that is linked in is only ever created")
        func linkedIn() throws {
            let directory = try WatchedDirectory()
            try write("{}", to: directory.outside("a.json"))
            try require(link(directory.outside("a.json"), directory.inside("a.json")) == 0)
            #expect(try directory.eventsUntilNow() == [directory.arrived("a.json", .created)])
        }

        @Test("a file that had no name until it was linked in is only ever created")
        func unnamedFileLinkedIn() throws {
            let directory = try WatchedDirectory()
            // O_TMPFILE is __O_TMPFILE | O_DIRECTORY, a macro Swift does not import.
            let descriptor = open(directory.outside, O_WRONLY | 0o20_000_000 | O_DIRECTORY | O_CLOEXEC, 0o644)
            try require(descriptor >= 0)
            let unnamed = "/proc/self/fd/\(descriptor)"
            let linked = linkat(AT_FDCWD, unnamed, AT_FDCWD, directory.inside("a.json"), AT_SYMLINK_FOLLOW)
            try require(linked == 0)
            close(descriptor)
            #expect(try directory.eventsUntilNow() == [directory.arrived("a.json", .created)])
        }

        @Test("a file renamed in under its writer is reported again when the writer closes it")
        func renamedInWhileOpen() throws {
            let directory = try WatchedDirectory()
            let descriptor = try openForWriting(directory.outside("a.json"))
            try require(rename(directory.outside("a.json"), directory.inside("a.json")) == 0)
            try require(write(descriptor, "{}", 2) == 2)
            close(descriptor)
            let events = try directory.eventsUntilNow()
            #expect(events == [directory.arrived("a.json", .movedIn), directory.arrived("a.json", .written)])
        }

        @Test("an empty file is reported like one with content")
        func touchedEmpty() throws {
            let directory = try WatchedDirectory()
            close(try openForWriting(directory.inside("a.json")))
            let events = try directory.eventsUntilNow()
            #expect(events == [directory.arrived("a.json", .created), directory.arrived("a.json", .written)])
        }

        @Test("symbolic links, FIFOs and directories are created")
        func notRegularFiles() throws {
            let directory = try WatchedDirectory()
            try require(symlink("/etc/passwd", directory.inside("link.json")) == 0)
            try require(mkfifo(directory.inside("fifo.json"), 0o644) == 0)
            try require(mkdir(directory.inside("directory.json"), 0o755) == 0)
            let expected = ["link.json", "fifo.json", "directory.json"].map { directory.arrived($0, .created) }
            #expect(try directory.eventsUntilNow() == expected)
        }

        @Test(
            "names come as bytes: a line feed, invalid UTF-8, the longest name",
            arguments: [
                Array("two\nlines.json".utf8), [0xFF, 0xFE, 0x80], Array(repeating: UInt8(ascii: "n"), count: 255),
                Array("sixteen-bytes-16".utf8), [UInt8(ascii: "1")],
            ])
        func oddNames(name: [UInt8]) throws {
            let directory = try WatchedDirectory()
            let path = (Array(directory.path.utf8) + [UInt8(ascii: "/")] + name + [0]).map { CChar(bitPattern: $0) }
            try require(mkfifo(path, 0o644) == 0)
            #expect(try directory.eventsUntilNow() == [.arrived(tag: directory.tag, name: name, how: .created)])
        }
    }
}
