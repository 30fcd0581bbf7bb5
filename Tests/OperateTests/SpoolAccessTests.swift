import Operate
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Opening and making a spool")
struct SpoolAccessTests {
    @Test("a spool is new once, and stands as it is ever after")
    func twice() throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("a/spool"))
        let first = try SpoolAccess.create(path)
        let second = try SpoolAccess.create(path)
        #expect(first.isNew)
        #expect(!second.isNew)
        #expect(first.spool.id == second.spool.id)
    }

    @Test("a missing spool, a file and a folder of somebody else's are told apart by kind")
    func kinds() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("", to: "folder/letter.txt")
        let missing = #expect(throws: OperateError.self) { try SpoolAccess.open(FilePath(scratch.path("none"))) }
        #expect(missing?.kind == .noInput)
        let foreign = #expect(throws: OperateError.self) { try SpoolAccess.create(FilePath(scratch.path("folder"))) }
        #expect(foreign?.kind == .cannotCreate)
    }
}
