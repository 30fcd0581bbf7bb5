import Files
import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Refusing what is no request")
struct RefusalTests {
    private static let name = Array("naïve\n.txt".utf8)

    @Test("moves it to dead/ under a hash of its name, and tells the name in .error")
    func refused() throws {
        let desk = try Desk()
        let before = desk.files
        try desk.put("content", "incoming/naïve\n.txt")
        let name = try #require(try desk.refuse(RefusalTests.name))
        #expect(name == DropName.refusedName(RefusalTests.name))
        #expect(desk.files == before.union(["dead/\(name)", "dead/\(name).error"]))
        #expect(try desk.text("dead/\(name)") == "content")
        let report = try #require(ErrorReport(try desk.scratch.read("spool/dead/\(name).error")))
        #expect(report.code == "refused")
        #expect(report.fileName == #"na\xc3\xafve\x0a.txt"#)
    }

    @Test("copes with a name that is not UTF-8")
    func notUTF8() throws {
        let desk = try Desk()
        let raw: [UInt8] = [0x61, 0xff, 0xfe]
        try desk.put("content", "incoming/a")
        let incoming = desk.scratch.path("spool/incoming/")
        #expect(rename(incoming + "a", (Array(incoming.utf8) + raw + [0]).map { CChar(bitPattern: $0) }) == 0)
        let name = try #require(try desk.refuse(raw))
        #expect(desk.files.isSuperset(of: ["dead/\(name)", "dead/\(name).error"]))
    }

    @Test("moves symlinks and directories just so, without opening them")
    func otherKinds() throws {
        let desk = try Desk()
        let incoming = desk.scratch.path("spool/incoming/")
        try FileManager.default.createSymbolicLink(atPath: incoming + "a.json", withDestinationPath: "/nowhere")
        try FileManager.default.createDirectory(atPath: incoming + "b.json", withIntermediateDirectories: false)
        for name in ["a.json", "b.json"] { #expect(try desk.refuse(Array(name.utf8)) != nil) }
        #expect(try desk.spool.incoming.names().isEmpty)
    }

    @Test("twice under one name sends the first to the archive")
    func again() throws {
        let desk = try Desk()
        for text in ["first", "second"] {
            try desk.put(text, "incoming/a.txt")
            #expect(try desk.refuse(Array("a.txt".utf8)) != nil)
        }
        let name = DropName.refusedName(Array("a.txt".utf8))
        #expect(try desk.text("dead/\(name)") == "second")
        #expect(try desk.text("archive/\(desk.now.day)/\(name)") == "first")
    }

    @Test("leaves nothing of what has gone")
    func gone() throws {
        let desk = try Desk()
        let before = desk.files
        #expect(try desk.refuse(RefusalTests.name) == nil)
        #expect(desk.files == before)
    }

    // Somebody else's directory may not be moved: rename(2) has to write its `..`.
    @Test("lets what can't be moved stand, and leaves no .error without it", .enabled(if: geteuid() == 0))
    func immovable() throws {
        let desk = try Desk()
        let path = desk.scratch.path("spool/incoming/theirs")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        chmod(desk.scratch.path("spool/incoming"), 0o777)
        chmod(desk.scratch.path("spool/dead"), 0o777)
        let before = desk.files
        #expect(throws: Errno.permissionDenied) { try asNobody { try desk.refuse(Array("theirs".utf8)) } }
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(desk.files == before)
    }

    /// With the rights of another user on files, in this thread only (`setfsuid(2)`).
    private func asNobody<Answer>(_ body: () throws -> Answer) throws -> Answer {
        typealias Call = @convention(c) (UInt32) -> Int32
        let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), "setfsuid"))
        let setfsuid = unsafeBitCast(symbol, to: Call.self)
        _ = setfsuid(65534)
        defer { _ = setfsuid(0) }
        return try body()
    }
}
