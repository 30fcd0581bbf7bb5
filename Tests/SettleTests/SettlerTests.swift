import Files
import Foundation
import Settle
import Spool
import TestSupport
import Testing
import Times

@Suite("Settling a request")
struct SettlerTests {
    private static func whole(_ state: State) -> Set<String> {
        ["\(state)/k.json", "\(state)/k.json.invoice", "\(state)/k.json.attempts"]
    }

    @Test("moves it to done/ with its sidecars", arguments: [Durability.full, .process])
    func done(durability: Durability) throws {
        let desk = try Desk(durability: durability)
        #expect(try desk.finish() == .settled)
        #expect(desk.files == SettlerTests.whole(.done))
        #expect(try desk.text("done/k.json") == "request")
    }

    @Test("buries it in dead/ with its sidecars and the reason", arguments: [Durability.full, .process])
    func dead(durability: Durability) throws {
        let desk = try Desk(durability: durability)
        #expect(try desk.bury() == .settled)
        #expect(desk.files == SettlerTests.whole(.dead).union(["dead/k.json.error"]))
        #expect(ErrorReport(try desk.scratch.read("spool/dead/k.json.error")) == desk.report)
    }

    @Test("is content with fewer sidecars")
    func fewer() throws {
        let desk = try Desk()
        try desk.remove("processing/k.json.attempts")
        #expect(try desk.finish() == .settled)
        #expect(desk.files == ["done/k.json", "done/k.json.invoice"])
    }

    @Test("that has gone changes nothing, and leaves no reason in dead/ for what comes next under its key")
    func vanished() throws {
        let desk = try Desk()
        try desk.move("processing/k.json", "hold/k.json")
        let before = desk.files
        #expect(try desk.finish() == .vanished)
        #expect(try desk.bury() == .vanished)
        #expect(desk.files == before)
    }

    @Test("that a person buried himself keeps the reason")
    func buriedByHand() throws {
        let desk = try Desk()
        try desk.move("processing/k.json", "dead/k.json")
        #expect(try desk.bury() == .vanished)
        #expect(desk.files.contains("dead/k.json.error"))
    }

    // The .attempts had been moved beside the other request before its .invoice was found in the way.
    @Test("never touches another request that stands there", arguments: [State.done, .dead])
    func blocked(state: State) throws {
        let desk = try Desk()
        try desk.put("another", "\(state)/k.json")
        try desk.put("another's", "\(state)/k.json.invoice")
        let before = desk.files
        #expect(try state == .done ? desk.finish() == .blocked : desk.bury() == .blocked)
        #expect(desk.files.subtracting(["dead/k.json.error"]) == before)
        #expect(try desk.text("\(state)/k.json") == "another")
        #expect(try desk.text("\(state)/k.json.invoice") == "another's")
    }

    @Test("sends sidecars whose request somebody removed to the archive")
    func orphans() throws {
        let desk = try Desk()
        try desk.put("orphan", "done/k.json.invoice")
        #expect(try desk.finish() == .settled)
        #expect(try desk.text("done/k.json.invoice") == "invoice")
        #expect(try desk.text("archive/\(desk.now.day)/k.json.invoice") == "orphan")
    }
}
