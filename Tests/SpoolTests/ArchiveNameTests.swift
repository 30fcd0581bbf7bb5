import Spool
import Testing
import Times

@Suite("A name in the archive")
struct ArchiveNameTests {
    private static let longest = String(repeating: "k", count: 200)

    @Test(
        "is Billhook's if it is a request's, a conflict's, an event's or a refused file's, or a sidecar of one, marked or not",
        arguments: [
            "k.json", "k.json.invoice", "k.json.attempts", "k.json.error", "k.0a1b2c3d.json",
            "k.0a1b2c3d.json.invoice", "a.b.json", longest + ".json", longest + ".0a1b2c3d.json.attempts",
            "k.conflict-0a1b2c3d.json", "k.conflict-0a1b2c3d.json.error", "k.conflict-0a1b2c3d.00112233.json.error",
            "+evt_1.json", "+evt_1.json.attempts", "refused-0a1b2c3d", "refused-0a1b2c3d.error",
            "refused-0a1b2c3d.00112233", "refused-0a1b2c3d.00112233.error", "refused-0a1b2c3d.error.00112233",
        ])
    func ours(name: String) {
        #expect(ArchiveName.isOurs(Array(name.utf8)))
    }

    @Test(
        "is somebody else's otherwise",
        arguments: [
            "", ".", "..", "notes.txt", "k.JSON", "k.json.gz", "k.json~", ".k.json", "-k.json", "k.invoice",
            "k.json.invoice.bak", "invoice", ".json", ".json.invoice", "k k.json", "refused-", "refused-0a1b2c3",
            "refused-0a1b2c3d.txt", "refused-0a1b2c3d.json.gz", "+.json", "kK\u{e9}.json", longest + "k.json",
            longest + ".0a1b2c3.json", "archive.tar", "k.json.0a1b2c3d",
        ])
    func foreign(name: String) {
        #expect(!ArchiveName.isOurs(Array(name.utf8)))
        #expect(!ArchiveName.isOurs(Array(name.utf8) + [0xff]))
    }

    @Test("of a folder is a day only if it is one, in exactly this notation")
    func days() throws {
        for name in ["", "2026-11-31", "2026-1-1", "20261121", "2026-11-21T00:00:00Z", "2026-11-21 ", "notes"] {
            #expect(ArchiveDay(name) == nil, "\(name)")
        }
        let day = try #require(ArchiveDay("2026-11-21"))
        #expect(day.end.iso8601 == "2026-11-22T00:00:00.000Z" && day.name == "2026-11-21")
        #expect(!day.isOver(for: .seconds(60), at: day.end + .seconds(60)))
        #expect(day.isOver(for: .seconds(60), at: day.end + .seconds(60) + .nanoseconds(1)))
        #expect(!day.isOver(for: .seconds(Int64.max / 2), at: day.end + .seconds(60)))
    }
}
