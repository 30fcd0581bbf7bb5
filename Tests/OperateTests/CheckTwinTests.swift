import Files
import Operate
import Process
import Spool
import TestSupport
import Testing
import Times

@Suite("check: one file under two names")
struct CheckTwinTests {
    @Test("an interrupted claim keeps the name in processing/", arguments: [State.processing, .hold, .done, .dead])
    func twinOfIncoming(later: State) throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", later)
        if later == .dead { try fixture.putDead("a", at: .now) }
        try fixture.link("\(later.rawValue)/a.json", as: "incoming/a.json")
        #expect(try fixture.found() == ["error twin incoming/a.json"])
        #expect(try fixture.repaired() == ["error twin incoming/a.json"])
        #expect(try fixture.names(fixture.spool.incoming) == [])
        #expect(try fixture.text("\(later.rawValue)/a.json") == SpoolFixture.request())
        #expect(try fixture.names(fixture.spool.aside) == [])
    }

    @Test("an interrupted settlement keeps the name in done/")
    func settlement() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        try fixture.link("done/a.json", as: "processing/a.json")
        #expect(try fixture.found() == ["error twin processing/a.json"])
        #expect(try fixture.repaired() == ["error twin processing/a.json"])
        #expect(try fixture.names(fixture.spool.processing) == [])
        #expect(try fixture.names(fixture.spool.done) == ["a.json", "a.json.invoice"])
    }

    @Test("a sidecar that was on its way keeps the name beside its request")
    func sidecar() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .processing)
        try fixture.link("processing/a.json.invoice", as: "done/a.json.invoice")
        #expect(try fixture.found() == ["error twin done/a.json.invoice"])
        #expect(try fixture.repaired() == ["error twin done/a.json.invoice"])
        #expect(try fixture.names(fixture.spool.processing) == ["a.json", "a.json.invoice"])
    }

    @Test("a sidecar of a parked request keeps one of its names")
    func sidecarOfParked() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .processing)
        try fixture.move("processing/a.json", to: "hold/a.json")
        try fixture.link("processing/a.json.invoice", as: "done/a.json.invoice")
        #expect(try fixture.repaired() == ["error twin done/a.json.invoice"])
        #expect(try fixture.names(fixture.spool.processing) == ["a.json.invoice"])
    }

    @Test("interrupted archiving keeps the name in the archive, and the sidecars follow it")
    func archived() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        try fixture.put(.attempts, of: "a", .done, "")
        try fixture.spool.archive.make("2023-11-14")
        try fixture.link("done/a.json", as: "archive/2023-11-14/a.json")
        #expect(try fixture.found() == ["error twin done/a.json"])
        _ = try fixture.repaired()
        #expect(try fixture.names(fixture.spool.done) == [])
        let folder = try fixture.spool.archive.directory("2023-11-14")
        #expect(try fixture.names(folder) == ["a.json", "a.json.attempts", "a.json.invoice"])
    }

    @Test("which of done/ and dead/ is meant, a person has to say")
    func doneAndDead() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("a", at: .now, processed: false)
        try fixture.link("dead/a.json", as: "done/a.json")
        try fixture.put(
            .invoice, of: "a", .done, String(decoding: fixture.invoice("a").encoded(), as: UTF8.self))
        #expect(try fixture.found() == ["error twin done/a.json"])
        let report = try fixture.checker.repair(now: .now)
        #expect(report.isIllegal)
        #expect(try fixture.stands("done/a.json"))
        #expect(try fixture.stands("dead/a.json"))
    }

    @Test("a producer's own link to its drop is none of Billhook's business")
    func producersLink() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .incoming)
        try fixture.link("incoming/a.json", as: "../outbox.json")
        #expect(try fixture.found() == [])
    }

    @Test("two files with one key are told of, and left")
    func twoRequests() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        try fixture.put("a", .processing)
        #expect(try fixture.found() == ["error two_requests processing/a.json"])
        let report = try fixture.checker.repair(now: .now)
        #expect(report.mended.count == 0)
        #expect(report.isIllegal)
        #expect(try fixture.stands("processing/a.json"))
        #expect(try fixture.stands("done/a.json"))
    }
}
