import Deliver
import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Recording and settling at once")
struct AtOnceTests {
    private static let lines = [Desk.ended("a"), Desk.ended("b")]

    private static func fresh() throws -> Desk {
        let desk = try Desk()
        try desk.remove("processing/k.json.attempts")
        return desk
    }

    @Test("writes the lines where the request goes")
    func done() throws {
        let desk = try AtOnceTests.fresh()
        #expect(try desk.finish(recording: AtOnceTests.lines))
        #expect(desk.files == ["done/k.json", "done/k.json.invoice", "done/k.json.attempts"])
        #expect(try desk.text("done/k.json") == "request")
        #expect(try desk.text("done/k.json.invoice") == "invoice")
        let log = DeliveryLog(reading: try desk.scratch.read("spool/done/k.json.attempts"))
        #expect(log.deliveries.map(\.subscription) == ["a", "b"])
    }

    @Test(
        "changes nothing where something of another request stands",
        arguments: ["done/k.json", "done/k.json.invoice", "done/k.json.attempts"])
    func taken(name: String) throws {
        let desk = try AtOnceTests.fresh()
        try desk.put("another's", name)
        let before = desk.files
        #expect(try !desk.finish(recording: AtOnceTests.lines))
        #expect(desk.files == before)
        #expect(try desk.text(name) == "another's")
        #expect(try desk.text("processing/k.json.invoice") == "invoice")
    }

    @Test(
        "changes nothing where a person took something of it",
        arguments: [["k.json"], ["k.json.invoice"], ["k.json", "k.json.invoice"]])
    func taken(names: [String]) throws {
        let desk = try AtOnceTests.fresh()
        for name in names { try desk.move("processing/\(name)", "hold/\(name)") }
        let before = desk.files
        #expect(try !desk.finish(recording: AtOnceTests.lines))
        #expect(desk.files == before)
    }
}
