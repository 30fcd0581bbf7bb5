import Deliver
import Files
import Foundation
import Settle
import Spool
import TestSupport
import Testing
import Times

@Suite("Recording attempts")
struct RecorderTests {
    @Test("appends lines and leaves what stands as it is", arguments: [Durability.full, .process])
    func appends(durability: Durability) throws {
        let desk = try Desk(durability: durability)
        try desk.record([Desk.ended("a")])
        try desk.record([Desk.ended("b"), Desk.ended("c")])
        let log = DeliveryLog(reading: try desk.scratch.read("spool/processing/k.json.attempts"))
        #expect(log.deliveries.map(\.subscription) == ["a", "b", "c"])
        #expect(try desk.text("processing/k.json.attempts").hasPrefix("{}\n"))
        #expect(!log.needsNewline)
    }

    @Test("closes a torn last line first, and cuts nothing off")
    func tornLine() throws {
        let desk = try Desk()
        try desk.put("{\"torn", "processing/k.json.attempts")
        try desk.record([Desk.ended("a")], closingTornLine: true)
        #expect(try desk.text("processing/k.json.attempts").hasPrefix("{\"torn\n"))
        let log = DeliveryLog(reading: try desk.scratch.read("spool/processing/k.json.attempts"))
        #expect(log.deliveries.map(\.subscription) == ["a"])
    }

    @Test("leaves no empty line where another record closed the torn one")
    func closedLine() throws {
        let desk = try Desk()
        try desk.put("{\"torn", "processing/k.json.attempts")
        for name in ["a", "b"] { try desk.record([Desk.ended(name)], closingTornLine: true) }
        #expect(try !desk.text("processing/k.json.attempts").contains("\n\n"))
        let log = DeliveryLog(reading: try desk.scratch.read("spool/processing/k.json.attempts"))
        #expect(log.deliveries.map(\.subscription) == ["a", "b"])
    }

    @Test("sets the file's time to when the request is due, to the nanosecond")
    func due() throws {
        let desk = try Desk()
        let due = Timestamp(nanoseconds: 1_900_000_000_123_456_789)
        try desk.record([Desk.ended("a")], due: due)
        #expect(try desk.spool.processing.status("k.json.attempts")?.modified == due)
        try desk.record([], due: due + .seconds(60))
        #expect(try desk.spool.processing.status("k.json.attempts")?.modified == due + .seconds(60))
        #expect(try desk.text("processing/k.json.attempts").split(separator: "\n").count == 2)
    }

    @Test("of nothing touches nothing")
    func nothing() throws {
        let desk = try Desk()
        try desk.remove("processing/k.json.attempts")
        try desk.record([])
        #expect(!desk.files.contains("processing/k.json.attempts"))
    }

    @Test("goes on for a request that a person has parked, beside its .invoice")
    func parked() throws {
        let desk = try Desk()
        try desk.remove("processing/k.json.attempts")
        try desk.move("processing/k.json", "hold/k.json")
        try desk.record([Desk.ended("a")])
        #expect(desk.files == ["hold/k.json", "processing/k.json.invoice", "processing/k.json.attempts"])
    }

    // The attempt under way when a person freed a key left an .attempts that the next request of the key took for its own.
    @Test("leaves nothing for a key that a person has freed")
    func freed() throws {
        let desk = try Desk()
        for suffix in ["", ".invoice", ".attempts"] { try desk.remove("processing/k.json\(suffix)") }
        try desk.record([Desk.ended("a")], due: desk.now)
        #expect(desk.files.isEmpty)
    }
}
