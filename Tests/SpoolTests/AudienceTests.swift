import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("For whom all that waits was planned")
struct AudienceTests {
    private let mark = String(repeating: "0123456789abcdef", count: 4)

    @Test("is read back as it was written, and forgotten")
    func roundTrip() throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        #expect(spool.audienceLeft() == nil)
        try spool.write(audience: mark)
        #expect(spool.audienceLeft() == mark)
        try spool.forgetAudience(durably: true)
        try spool.forgetAudience(durably: true)
        #expect(spool.audienceLeft() == nil)
    }

    @Test("is not known from a file that a power cut has torn", arguments: ["", "0123", "\n"])
    func torn(content: String) throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        try scratch.write(content, to: "spool/.billhook/audience")
        #expect(spool.audienceLeft() == nil)
    }
}
