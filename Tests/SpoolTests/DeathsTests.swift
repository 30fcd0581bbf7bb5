import Files
import Foundation
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("The record of deaths")
struct DeathsTests {
    private static func suspect(_ name: [UInt8] = Array("k.json".utf8), deaths: Int = 0) -> Suspect {
        let mark = Suspect.Mark(inode: .max - 1, size: 7, modified: Timestamp(nanoseconds: 1_795_265_340_225_251_556))
        return Suspect(place: .incoming, name: name, mark: mark, deaths: deaths)
    }

    @Test("counts each end before a recovery was over, and grows cautious at the second")
    func count() {
        var deaths = Deaths.following(nil)
        #expect(deaths == Deaths(count: 0) && !deaths.isCautious)
        deaths = Deaths.following(deaths.encoded())
        #expect(deaths == Deaths(count: 1) && !deaths.isCautious)
        deaths = Deaths.following(deaths.encoded())
        #expect(deaths == Deaths(count: 2) && deaths.isCautious)
    }

    @Test("condemns a suspect at its third death, not at its second")
    func condemned() {
        var deaths = Deaths(count: 2, suspect: DeathsTests.suspect())
        for expected in 1...3 {
            deaths = Deaths.following(deaths.encoded())
            #expect(deaths.suspect == DeathsTests.suspect(deaths: expected))
            #expect(deaths.suspect?.isCondemned == (expected == 3))
        }
        #expect(deaths.count == 5)
    }

    @Test("keeps any name", arguments: [Array("a \"b\"\n.txt".utf8), [0xff, 0x00, 0x2e], []] as [[UInt8]])
    func names(name: [UInt8]) {
        let deaths = Deaths(count: 3, suspect: DeathsTests.suspect(name, deaths: 2))
        #expect(Deaths(deaths.encoded()) == deaths)
    }

    @Test(
        "that can't be understood counts as one end and names nobody",
        arguments: ["", "{", #"{"deaths":-1}"#, #"{"deaths":9999999999999}"#, #"{"deaths":"2"}"#, "[]"])
    func garbage(text: String) {
        #expect(Deaths.following(Array(text.utf8)) == Deaths(count: 1))
    }

    @Test("loses a suspect that is not whole, and keeps the count")
    func halfSuspect() {
        let text = #"{"deaths":4,"suspect":{"place":"elsewhere","name":"k.json"}}"#
        #expect(Deaths.following(Array(text.utf8)) == Deaths(count: 5))
    }

    @Test("is written, read and removed in a spool")
    func file() throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        #expect(try spool.deathsLeft() == nil)
        for count in [0, 1] {
            try spool.write(Deaths(count: count))
            #expect(try spool.deathsLeft() == Deaths(count: count).encoded())
        }
        try spool.forgetDeaths()
        try spool.forgetDeaths()
        #expect(try spool.deathsLeft() == nil)
    }
}

@Suite("A suspect")
struct SuspectTests {
    private let scratch: ScratchDirectory
    private let spool: Spool

    init() throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
    }

    private func suspect(_ place: Suspect.Place, _ name: String) throws -> Suspect {
        let status = try #require(try spool.directory(place).status(name))
        return Suspect(place: place, name: Array(name.utf8), mark: Suspect.Mark(status), deaths: 1)
    }

    private func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: scratch.path("spool/" + from), toPath: scratch.path("spool/" + to))
    }

    @Test(
        "is found one step further on its way",
        arguments: [
            ("incoming/k.json", "processing/k.json"), ("incoming/k.json", ".billhook/aside/k.json~0a1b2c3d"),
            (".billhook/aside/k.json~0a1b2c3d", "processing/k.json"), ("processing/k.json", "incoming/k.json"),
            ("incoming/k.conflict-0a1b2c3d.json", ".billhook/aside/k.json~0a1b2c3d"),
        ])
    func follows(from: String, to: String) throws {
        try scratch.write("{}", to: "spool/" + from)
        let name = String(from.split(separator: "/").last ?? "")
        let place = try #require(
            Suspect.Place(rawValue: from.split(separator: "/").dropLast().last.map(String.init) ?? ""))
        let suspect = try suspect(place, name)
        #expect(try spool.locate(suspect) == suspect)
        try move(from, to)
        let found = try #require(try spool.locate(suspect))
        #expect(to.hasSuffix(found.path) && found.deaths == 1)
        #expect(found.key?.name == "k")
    }

    @Test("that has gone, or is done, is forgotten")
    func gone() throws {
        try scratch.write("{}", to: "spool/processing/k.json")
        let suspect = try suspect(.processing, "k.json")
        try move("processing/k.json", "done/k.json")
        #expect(try spool.locate(suspect) == nil)
    }

    @Test("that somebody has changed or replaced is another file")
    func changed() throws {
        try scratch.write("{}", to: "spool/incoming/k.json")
        let suspect = try suspect(.incoming, "k.json")
        try scratch.write(#"{"a":1}"#, to: "spool/tmp/k.json")
        #expect(rename(scratch.path("spool/tmp/k.json"), scratch.path("spool/incoming/k.json")) == 0)
        #expect(try spool.locate(suspect) == nil)
    }
}
