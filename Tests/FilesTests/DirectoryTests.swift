import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("A directory")
struct DirectoryTests {
    @Test("moves a file to a fresh name")
    func move() throws {
        let room = try Room()
        try room.put("content", "from/a")
        #expect(try room.from.move("a", to: room.to, as: "b"))
        #expect(try room.text("to/b") == "content")
        #expect(try room.names(room.from).isEmpty)
    }

    @Test("moves nothing over what stands there, be it a symlink to nowhere")
    func moveToTaken() throws {
        let room = try Room()
        try room.put("mine", "from/a")
        try room.put("theirs", "to/a")
        try room.link("to/b", to: "nowhere")
        #expect(try room.from.move("a", to: room.to, as: "a") == false)
        #expect(try room.from.move("a", to: room.to, as: "b") == false)
        #expect(try room.text("from/a") == "mine")
        #expect(try room.text("to/a") == "theirs")
    }

    @Test("tells when what is to be moved has gone")
    func moveGone() throws {
        let room = try Room()
        #expect(throws: Errno.noSuchFileOrDirectory) { try room.from.move("a", to: room.to, as: "a") }
    }

    @Test("moves and describes names that are not UTF-8")
    func rawNames() throws {
        let room = try Room()
        try room.put("content", "from/a")
        let raw: [UInt8] = [0x80, 0xff]
        rename(room.scratch.path("from/a"), Array(room.scratch.path("from/").utf8CString.dropLast()) + [-128, -1, 0])
        #expect(try room.from.names() == [raw])
        #expect(try room.from.status(raw)?.kind == .regular)
        #expect(try room.from.move(raw, to: room.to, as: "b"))
        #expect(try room.text("to/b") == "content")
    }

    @Test("replaces what stands under a name")
    func replace() throws {
        let room = try Room()
        try room.put("new", "from/a")
        try room.put("old", "to/a")
        try room.from.replace("a", in: room.to, with: "a")
        #expect(try room.text("to/a") == "new")
    }

    @Test("removes a name once, and says so when it had gone")
    func remove() throws {
        let room = try Room()
        try room.put("content", "from/a")
        #expect(try room.from.remove("a"))
        #expect(try room.from.remove("a") == false)
    }

    @Test("knows what stands, without following symlinks")
    func status() throws {
        let room = try Room()
        try room.put("12345", "from/file")
        try room.link("from/dangling", to: "nowhere")
        try room.from.make("folder")
        #expect(mkfifo(room.scratch.path("from/pipe"), 0o600) == 0)
        let kinds = try ["file", "dangling", "folder", "pipe", "none"].map { try room.from.status($0)?.kind }
        #expect(kinds == [.regular, .other, .directory, .other, nil])
        #expect(try room.from.status("file")?.size == 5)
        #expect(try room.from.status("file")?.owner == effectiveUser())
        #expect(try room.from.contains("dangling"))
        #expect(try !room.from.contains("none"))
    }

    @Test("tells two names of one file from two files")
    func identity() throws {
        let room = try Room()
        try room.put("content", "from/a")
        try room.put("content", "from/b")
        try FileManager.default.linkItem(atPath: room.scratch.path("from/a"), toPath: room.scratch.path("to/a"))
        let status = try room.from.status("a")
        #expect(try room.to.status("a")?.identity == status?.identity)
        #expect(try room.from.status("b")?.identity != status?.identity)
        #expect(status?.linkCount == 2)
    }

    @Test("stays the same directory when it is renamed")
    func renamed() throws {
        let room = try Room()
        try room.put("content", "from/a")
        try FileManager.default.moveItem(atPath: room.scratch.path("from"), toPath: room.scratch.path("elsewhere"))
        #expect(try room.from.move("a", to: room.to, as: "a"))
        #expect(try room.names(room.to) == ["a"])
    }

    @Test("is made once")
    func make() throws {
        let room = try Room()
        #expect(try room.from.make("inner"))
        #expect(try room.from.make("inner") == false)
        #expect(throws: Errno.noSuchFileOrDirectory) { try room.from.directory("none") }
        try room.put("content", "from/file")
        #expect(throws: Errno.notDirectory) { try room.from.directory("file") }
    }

    @Test("gives back its descriptor with its last copy")
    func descriptors() throws {
        let room = try Room()
        let path = room.scratch.path("from")
        let isOpen = {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path + "/inner"
            }
        }
        try room.from.make("inner")
        do {
            let inner = try room.from.directory("inner")
            let copy = inner
            #expect(try copy.names().isEmpty)
            #expect(try isOpen())
            withExtendedLifetime(copy) {}
        }
        #expect(try !isOpen())
    }
}

@Suite("A walk over a directory")
struct DirectoryScanTests {
    @Test("hands over each name where it lies, and what stands under it and beside it", arguments: [1, 2, 100])
    func eachName(size: Int) throws {
        let room = try Room()
        for name in ["a", "b", "c"] { try room.put("four", "from/\(name)") }
        try room.put("seventh", "from/b.side")
        let scan = try DirectoryScan(room.from)
        var sizes: [String: [Int?]] = [:]
        while try scan.forEach(
            size,
            { name throws(Errno) in
                let text = String(decoding: name.indices.map { name[$0] }, as: UTF8.self)
                sizes[text] = [try room.from.status(name)?.size, try room.from.status(name, ".side")?.size]
            })
        {}
        #expect(sizes == ["a": [4, nil], "b": [4, 7], "c": [4, nil], "b.side": [7, nil]])
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 251)
        #expect(throws: Errno.fileNameTooLong) { try room.from.status(long.span, ".side") }
    }

    @Test("meets each name once, batch by batch", arguments: [1, 7, 100, 1000])
    func batches(size: Int) throws {
        let room = try Room()
        let expected = Set((0..<100).map { "file-\($0)" })
        for name in expected { try room.put("", "from/" + name) }
        let scan = try DirectoryScan(room.from)
        var met: [String] = []
        var batch: [[UInt8]] = []
        repeat {
            batch = try scan.next(size)
            met += batch.map { String(decoding: $0, as: UTF8.self) }
        } while batch.count == size
        #expect(met.count == 100)
        #expect(Set(met) == expected)
    }

    @Test("is over where the directory has been removed")
    func removed() throws {
        let room = try Room()
        let scan = try DirectoryScan(room.from)
        try FileManager.default.removeItem(atPath: room.scratch.path("from"))
        #expect(try scan.next(10).isEmpty)
    }

    @Test("goes on while names it has met are moved away, and two walks don't disturb each other")
    func moving() throws {
        let room = try Room()
        for number in 0..<50 { try room.put("", "from/\(number)") }
        let (first, second) = (try DirectoryScan(room.from), try DirectoryScan(room.from))
        var met: Set<String> = []
        while case let batch = try first.next(8), !batch.isEmpty {
            for name in batch.map({ String(decoding: $0, as: UTF8.self) }) {
                met.insert(name)
                #expect(try room.from.move(name, to: room.to, as: name))
            }
        }
        #expect(met.count == 50)
        #expect(try room.names(room.to).count == 50)
        #expect(try second.next(1000).count <= 50)
    }

    @Test(
        "takes no flush for done on a file system that is read-only by then",
        .enabled(if: geteuid() == 0, "mounting needs root"))
    func flushReadOnly() throws {
        let room = try Room()
        let (path, output) = (room.scratch.path("from"), room.scratch.path("mount.out"))
        func run(_ program: String, _ arguments: String...) throws {
            let status = try Spawn(program, arguments, output: output, errors: output).wait()
            try #require(status == 0, "\(program): \(room.scratch.text("mount.out"))")
        }
        try run("/bin/mount", "-t", "tmpfs", "none", path)
        defer { _ = umount2(path, Int32(MNT_DETACH)) }
        let mounted = try Directory(FilePath(path))
        try mounted.flushFileSystem()
        try run("/bin/mount", "-o", "remount,ro", path)
        #expect(throws: Errno.readOnlyFileSystem) { try mounted.flushFileSystem() }
    }
}
