import Files
import Operate
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Archiving by hand")
struct ArchivistTests {
    @Test("goes on past what can't be moved, deletes no day then, and names it")
    func refused() throws {
        let fixture = try SpoolFixture()
        for name in ["a", "c"] { try fixture.putProcessed(name, .done) }
        try fixture.putProcessed("b", .done, at: Timestamp(seconds: 1_699_900_000, nanoseconds: 0))
        try fixture.scratch.write("{}", to: "spool/archive/2023-11-12/old.json")
        // It stands where the folder of b's day should.
        try fixture.scratch.write("", to: "spool/archive/2023-11-13")
        let result = try Archivist.archive(
            fixture.spool, window: .seconds(1), deleteAfter: .seconds(1), now: .now + .seconds(2 * 86_400),
            dryRun: false)
        #expect(result.archived.map(\.name).sorted() == ["a", "c"])
        #expect(result.refused.map(\.key.name) == ["b"] && result.deletion == nil)
        #expect(result.complaint?.description.contains(": b (") == true)
        #expect(try fixture.stands("archive/2023-11-12/old.json"))
    }
}
