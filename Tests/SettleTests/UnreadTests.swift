import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Burying unread")
struct UnreadTests {
    private func bury(_ desk: Desk, _ place: Suspect.Place, _ name: [UInt8]) throws -> Burial {
        let mark = Suspect.Mark(inode: 1, size: 1, modified: desk.now)
        let suspect = Suspect(place: place, name: name, mark: mark, deaths: 3)
        var commit = Commit(desk.durability)
        let burial = try desk.settler.buryUnread(suspect, now: desk.now, commit: &commit)
        try commit.flush(desk.spool)
        return burial
    }

    /// Buries it, sees that the reason stands beside it, and returns its name in dead/.
    private func buried(_ desk: Desk, _ place: Suspect.Place, _ name: String) throws -> String {
        guard case .buried(let fileName, let report) = try bury(desk, place, Array(name.utf8)) else {
            throw Errno.invalidArgument
        }
        #expect(desk.files.contains("dead/" + fileName))
        #expect(ErrorReport(try desk.scratch.read("spool/dead/\(fileName).error")) == report)
        #expect(report.code == "crashed" && report.message.contains("3 times in a row"))
        #expect(!desk.files.contains("incoming/" + name))
        return fileName
    }

    @Test("a drop keeps its name, and its key is free", arguments: Durability.allCases)
    func drop(durability: Durability) throws {
        let desk = try Desk(durability: durability)
        try desk.put("poison", "incoming/p.json")
        // It may have died while it claimed it.
        try desk.put("", "processing/p.json.invoice")
        #expect(try buried(desk, .incoming, "p.json") == "p.json")
        #expect(try desk.text("dead/p.json") == "poison")
        #expect(!desk.files.contains("dead/p.json.invoice"))
        #expect(!desk.files.contains("processing/p.json.invoice"))
    }

    @Test("needs no right to read it")
    func unreadable() throws {
        let desk = try Desk()
        try desk.put("poison", "incoming/p.json")
        #expect(chmod(desk.scratch.path("spool/incoming/p.json"), 0) == 0)
        #expect(try buried(desk, .incoming, "p.json") == "p.json")
    }

    @Test("a request in processing/ takes its sidecars along")
    func request() throws {
        let desk = try Desk()
        #expect(try buried(desk, .processing, "k.json") == "k.json")
        #expect(desk.files.isSuperset(of: ["dead/k.json.invoice", "dead/k.json.attempts"]))
        #expect(!desk.files.contains { $0.hasPrefix("processing/") })
    }

    @Test(
        "a drop of a taken key gets another name, and who has the key is left alone",
        arguments: ["processing", "done", "hold", "dead"])
    func taken(state: String) throws {
        let desk = try Desk()
        if state != "processing" { try desk.move("processing/k.json", state + "/k.json") }
        try desk.put("poison", "incoming/k.json")
        let before = desk.files
        let name = try buried(desk, .incoming, "k.json")
        #expect(name == DropName.refusedName(Array("k.json".utf8)))
        #expect(desk.files == before.subtracting(["incoming/k.json"]).union(["dead/\(name)", "dead/\(name).error"]))
        #expect(ErrorReport(try desk.scratch.read("spool/dead/\(name).error"))?.fileName == "k.json")
        #expect(try desk.text(state + "/k.json") == "request")
    }

    @Test("a request that came back has its sidecars beside it again", arguments: ["processing", "done", "dead"])
    func cameBack(state: String) throws {
        let desk = try Desk()
        try desk.move("processing/k.json", "incoming/k.json")
        for suffix in ["invoice", "attempts"] where state != "processing" {
            try desk.move("processing/k.json.\(suffix)", "\(state)/k.json.\(suffix)")
        }
        #expect(try buried(desk, .incoming, "k.json") == "k.json")
        let names = ["k.json", "k.json.invoice", "k.json.attempts", "k.json.error"]
        #expect(desk.files == Set(names.map { "dead/" + $0 }))
    }

    @Test("what stands aside never passes for the request of its key once that was processed")
    func aside() throws {
        let desk = try Desk()
        try desk.put("poison", ".billhook/aside/k.json~0a1b2c3d")
        try desk.put("poison", ".billhook/aside/free.json~0a1b2c3d")
        try desk.remove("processing/k.json")
        let name = try buried(desk, .aside, "k.json~0a1b2c3d")
        #expect(name.hasPrefix("refused-"))
        #expect(ErrorReport(try desk.scratch.read("spool/dead/\(name).error"))?.fileName == "k.json")
        #expect(try buried(desk, .aside, "free.json~0a1b2c3d") == "free.json")
    }

    @Test("a conflict that came back goes back under its name, unless that is taken")
    func conflict() throws {
        let desk = try Desk()
        let name = "k.conflict-0a1b2c3d.json"
        try desk.put("poison", "incoming/" + name)
        #expect(try buried(desk, .incoming, name) == name)
        try desk.put("poison", "incoming/" + name)
        #expect(try buried(desk, .incoming, name).hasPrefix("refused-"))
    }

    @Test("what is no request gets the name that it would be refused under, again and again")
    func noRequest() throws {
        let desk = try Desk()
        for text in ["first", "second"] {
            try desk.put(text, "incoming/a b.txt")
            let name = try buried(desk, .incoming, "a b.txt")
            #expect(name == DropName.refusedName(Array("a b.txt".utf8)))
            #expect(try desk.text("dead/" + name) == text)
        }
        let raw: [UInt8] = [0x61, 0xff]
        #expect(try bury(desk, .incoming, raw) == .vanished)
    }

    @Test("what has gone leaves nothing behind", arguments: [Suspect.Place.incoming, .aside, .processing])
    func gone(place: Suspect.Place) throws {
        let desk = try Desk()
        let before = desk.files
        #expect(try bury(desk, place, Array("gone.json".utf8)) == .vanished)
        #expect(desk.files == before)
    }

    @Test("in the way of another request of its key it stays where it is")
    func blocked() throws {
        let desk = try Desk()
        try desk.put("another", "dead/k.json")
        let before = desk.files
        #expect(try bury(desk, .processing, Array("k.json".utf8)) == .blocked)
        #expect(desk.files == before)
    }
}
