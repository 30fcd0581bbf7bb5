import Files
import Foundation
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("A file")
struct FileTests {
    @Test("is read whole, whatever size was expected", arguments: [0, 1, 99, 100, 101, 200_000], [0, 100, 300_000])
    func read(size: Int, expected: Int) throws {
        let room = try Room()
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        try room.from.write("a", content, durably: true)
        let file = try File.reading("a", in: room.from)
        #expect(try file.read(upTo: 1 << 20, expecting: expected) == content)
    }

    @Test("is read up to a limit and not one byte more", arguments: [1, 99, 100, 101])
    func limit(limit: Int) throws {
        let room = try Room()
        let content = [UInt8](repeating: 7, count: 100)
        try room.from.write("a", content, durably: false)
        #expect(try room.from.read("a", upTo: limit) == Array(content.prefix(limit)))
    }

    @Test("that does not stand is nil, one that is a symlink is an error")
    func missing() throws {
        let room = try Room()
        #expect(try room.from.read("none") == nil)
        try room.put("secret", "to/target")
        try room.link("from/link", to: "../to/target")
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try room.from.read("link") }
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try room.from.write("link", [1], durably: false) }
        #expect(throws: Errno.tooManySymbolicLinkLevels) { _ = try File.appending("link", in: room.from) }
        #expect(try room.text("to/target") == "secret")
    }

    @Test("is written anew, not over the start of the old one")
    func write() throws {
        let room = try Room()
        try room.put("a long old text", "from/a")
        try room.from.write("a", Array("new".utf8), durably: true)
        #expect(try room.text("from/a") == "new")
    }

    @Test("is appended to")
    func append() throws {
        let room = try Room()
        for text in ["a", "b", ""] { try File.appending("a", in: room.from).write(Array(text.utf8)) }
        #expect(try room.text("from/a") == "ab")
    }

    @Test("is cut off where told")
    func truncate() throws {
        let room = try Room()
        let file = try File.appending("a", in: room.from)
        try file.write(Array("line\nhalf a li".utf8))
        try file.truncate(to: 5)
        try file.write(Array("next\n".utf8))
        #expect(try room.text("from/a") == "line\nnext\n")
        try file.truncate()
        #expect(try room.text("from/a").isEmpty)
    }

    @Test("is created once")
    func create() throws {
        let room = try Room()
        try File.creating("a", in: room.from).write([65])
        #expect(throws: Errno.fileExists) { _ = try File.creating("a", in: room.from) }
        #expect(try room.text("from/a") == "A")
    }

    @Test("takes any modification time", arguments: [0, 1, -1, 1_900_000_000_123_456_789, -1_500_000_001])
    func modified(nanoseconds: Int64) throws {
        let room = try Room()
        let moment = Timestamp(nanoseconds: nanoseconds)
        let file = try File.appending("a", in: room.from)
        try file.setModified(moment)
        #expect(try file.status().modified == moment)
        #expect(try room.from.status("a")?.modified == moment)
    }

    @Test("does not block on a FIFO without a writer")
    func fifo() throws {
        let room = try Room()
        #expect(mkfifo(room.scratch.path("from/pipe"), 0o600) == 0)
        let file = try File.reading("pipe", in: room.from)
        #expect(try file.status().kind == .other)
    }

    @Test("knows whether somebody has it open for writing")
    func writer() throws {
        let room = try Room()
        try room.put("content", "from/a")
        do {
            let writer = try File.appending("a", in: room.from)
            #expect(try File.reading("a", in: room.from).isBeingWritten() == true)
            try writer.write([])
        }
        #expect(try File.reading("a", in: room.from).isBeingWritten() == false)
        let reader = try File.reading("a", in: room.from)
        #expect(try File.reading("a", in: room.from).isBeingWritten() == false)
        #expect(try reader.status().size == 7)
    }

    @Test("is locked by one open file at a time, and asking takes nothing")
    func lock() throws {
        let room = try Room()
        let other = try File.lockable("lock", in: room.from)
        do {
            let holder = try File.lockable("lock", in: room.from)
            #expect(try other.isLocked() == false)
            #expect(try holder.lock())
            #expect(try other.lock() == false)
            #expect(try other.isLocked())
            #expect(try holder.lock())
        }
        #expect(try other.isLocked() == false)
        #expect(try other.lock())
    }
}
