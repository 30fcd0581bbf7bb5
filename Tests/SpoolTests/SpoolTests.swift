import Files
import Foundation
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("A spool")
struct SpoolTests {
    static let directories = [
        ".billhook", ".billhook/aside", "archive", "dead", "done", "hold", "incoming", "processing", "subscriptions",
        "tmp",
    ]

    @Test("is made with all its directories, an id and settings, and found again")
    func fresh() throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("deep/inside/spool"))
        let made = try Spool.create(path)
        for name in SpoolTests.directories {
            var isDirectory: ObjCBool = false
            #expect(
                FileManager.default.fileExists(
                    atPath: path.appending(name).string, isDirectory: &isDirectory) && isDirectory.boolValue)
        }
        #expect(made.id.utf8.count == 32)
        #expect(try Spool(path).id == made.id)
        #expect(try Spool.create(path).id == made.id)
        let own = try FileManager.default.contentsOfDirectory(atPath: path.appending(".billhook").string)
        #expect(Set(own) == ["id", "settings", "aside"])
    }

    @Test("has an id of its own")
    func ids() throws {
        let scratch = try ScratchDirectory()
        let ids = try (0..<8).map { try Spool.create(FilePath(scratch.path("\($0)"))).id }
        #expect(Set(ids).count == 8)
    }

    @Test("keeps its id when it is moved")
    func moved() throws {
        let scratch = try ScratchDirectory()
        let id = try Spool.create(FilePath(scratch.path("a"))).id
        try FileManager.default.moveItem(atPath: scratch.path("a"), toPath: scratch.path("b"))
        #expect(try Spool(FilePath(scratch.path("b"))).id == id)
    }

    @Test("half made by a crash, is completed", arguments: directories)
    func halfMade(missing: String) throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        let id = try Spool.create(path).id
        try FileManager.default.removeItem(atPath: path.appending(missing).string)
        #expect(throws: SpoolError.self) { try Spool(path) }
        let again = try Spool.create(path)
        #expect((again.id == id) == (missing != ".billhook"))
        for name in SpoolTests.directories {
            #expect(FileManager.default.fileExists(atPath: path.appending(name).string))
        }
    }

    @Test("half made, gets the file it lacks", arguments: ["id", "settings"])
    func lackingFile(name: String) throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        _ = try Spool.create(path)
        try FileManager.default.removeItem(atPath: scratch.path("spool/.billhook/\(name)"))
        try scratch.write("left by a crash", to: "spool/.billhook/\(name).tmp")
        _ = try Spool.create(path)
        #expect(try Spool(path).id.utf8.count == 32)
    }

    // Both wrote one temporary file: one of them could read an id that the other had just emptied.
    @Test("made by several at once, is one and the same for all")
    func atOnce() throws {
        for _ in 0..<20 {
            let scratch = try ScratchDirectory()
            let path = FilePath(scratch.path("spool"))
            let ids = Answers()
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                ids.add(Result { try Spool.create(path).id })
            }
            #expect(Set(try ids.all.map { try $0.get() }).count == 1)
            #expect(ids.all.count == 8)
        }
    }

    @Test("is not made where somebody else's files are")
    func foreign() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("photo", to: "spool/holiday.jpg")
        let path = FilePath(scratch.path("spool"))
        #expect(throws: SpoolError.notASpool(path)) { try Spool.create(path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("spool")) == ["holiday.jpg"])
    }

    @Test("may be made where there are dot-files and a lost+found")
    func harmless() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("", to: "spool/.gitkeep")
        try FileManager.default.createDirectory(
            atPath: scratch.path("spool/lost+found"), withIntermediateDirectories: true)
        _ = try Spool.create(FilePath(scratch.path("spool")))
    }

    @Test("that is none is named, with what to do")
    func missing() throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        #expect(throws: SpoolError.missing(path)) { try Spool(path) }
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
        #expect(throws: SpoolError.missing(path)) { try Spool(path) }
        #expect("\(SpoolError.missing(path))".contains("billhook init --spool \(path)"))
    }

    @Test("whose directory is a file is named")
    func fileInTheWay() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("", to: "spool/dead")
        let path = FilePath(scratch.path("spool"))
        #expect(throws: SpoolError.directory(path, name: "dead", .notDirectory)) { try Spool.create(path) }
    }

    @Test(
        "of another version or with other settings is refused",
        arguments: [
            #"{"version":2,"key_from":"name"}"#, #"{"version":1,"key_from":"size"}"#,
            #"{"version":1,"key_from":"field:"}"#, "{", "", #"{"version":1}"#,
        ])
    func settings(text: String) throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        _ = try Spool.create(path)
        try scratch.write(text, to: "spool/.billhook/settings")
        #expect { try Spool(path) } throws: { if case SpoolError.settings = $0 { true } else { false } }
    }

    @Test("with a broken id is refused", arguments: ["", "short", String(repeating: "x", count: 32)])
    func brokenID(text: String) throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        _ = try Spool.create(path)
        try scratch.write(text, to: "spool/.billhook/id")
        #expect(throws: SpoolError.file(path, name: ".billhook/id", .invalidArgument)) { try Spool(path) }
    }

    // /home/alice may be entered and not listed; the directories on the way were opened to be read.
    @Test("is made below a directory that may be entered and not read", .enabled(if: geteuid() == 0))
    func unreadableParent() throws {
        let scratch = try ScratchDirectory()
        let home = scratch.path("home/alice")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        #expect(chown(home, 65534, 65534) == 0)
        chmod(scratch.path("home"), 0o711)
        chmod(scratch.path, 0o711)
        try asNobody { _ = try Spool.create(FilePath(home + "/spool")) }
    }

    /// With the rights of another user on files, in this thread only (`setfsuid(2)`).
    private func asNobody(_ body: () throws -> Void) throws {
        typealias Call = @convention(c) (UInt32) -> Int32
        let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), "setfsuid"))
        let setfsuid = unsafeBitCast(symbol, to: Call.self)
        _ = setfsuid(65534)
        defer { _ = setfsuid(0) }
        try body()
    }
}

/// Collects from several threads.
private final class Answers: @unchecked Sendable {
    private let lock = NSLock()
    private var answers: [Result<String, any Error>] = []

    var all: [Result<String, any Error>] { lock.withLock { answers } }

    func add(_ answer: Result<String, any Error>) {
        lock.withLock { answers.append(answer) }
    }
}
