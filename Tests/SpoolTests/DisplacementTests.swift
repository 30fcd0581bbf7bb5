import Files
import Foundation
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Whether a spool stands where it did")
struct DisplacementTests {
    private let scratch: ScratchDirectory
    private let spool: Spool

    init() throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
    }

    @Test("the same directories, also through a link that somebody made of one, are the same")
    func same() throws {
        #expect(spool.displacement() == nil)
        rename(scratch.path("spool/done"), scratch.path("elsewhere"))
        symlink(scratch.path("elsewhere"), scratch.path("spool/done"))
        #expect(spool.displacement() == nil)
    }

    @Test(
        "each directory is missed", arguments: ["done", "incoming", ".billhook", ".billhook/aside", "tmp", "archive"])
    func gone(name: String) throws {
        rename(scratch.path("spool/\(name)"), scratch.path("elsewhere"))
        #expect(spool.displacement() == Displacement.gone(name))
        mkdir(scratch.path("spool/\(name)"), 0o755)
        #expect(spool.displacement() == Displacement.replaced(name))
    }

    @Test("a path at which nothing stands, or a file, is none")
    func path() throws {
        rename(scratch.path("spool"), scratch.path("away"))
        #expect(spool.displacement() == Displacement.gone(""))
        #expect(!Spool.stands(at: FilePath(scratch.path("spool"))))
        try scratch.write("", to: "spool")
        #expect(spool.displacement() == Displacement.gone(""))
        unlink(scratch.path("spool"))
        mkdir(scratch.path("spool"), 0o755)
        #expect(!Spool.stands(at: FilePath(scratch.path("spool"))))
        #expect(Spool.stands(at: FilePath(scratch.path("away"))))
    }
}

extension Displacement {
    fileprivate static func gone(_ name: String) -> Displacement { Displacement(name: name, kind: .gone) }
    fileprivate static func replaced(_ name: String) -> Displacement { Displacement(name: name, kind: .replaced) }
}
