import Claim
import Files
import Foundation
import Process
import Spool
import TestSupport
import Testing

/// What a crash leaves of such a drop.
extension DerivedKeyTests {
    @Test(
        "set aside, and no further, it is claimed after a crash by the key that is read in it",
        arguments: [true, false])
    func crashAside(keepsLink: Bool) throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/" + Self.name)
        guard case .derived(let drop) = try bench.claim(Self.name) else { return }
        if !keepsLink { try bench.remove(".billhook/aside/\(drop.name).name") }
        for _ in 0..<2 {
            try recover(bench)
            #expect(bench.files == ["processing/o-1.json", "processing/o-1.json.invoice"])
            #expect(asideNames(bench).isEmpty)
            #expect(
                try origin(bench, "processing/o-1.json.invoice")
                    == KeyOrigin(keyFrom: "field:order", fileName: keepsLink ? Self.name : nil))
        }
    }

    @Test("claimed, and not yet processed, it keeps its name over a crash")
    func crashClaimed() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/" + Self.name)
        _ = try claim(bench, Self.name)
        try recover(bench)
        #expect(try origin(bench, "processing/o-1.json.invoice")?.fileName == Self.name)
        #expect(asideNames(bench).isEmpty)
    }

    @Test(
        "between link and unlink of a move out of aside/, it stays where it came to",
        arguments: ["dead/x.json", "dead/refused", "incoming/x.json"])
    func twin(place: String) throws {
        let bench = try Bench(keySource: Self.field)
        let name = place.replacing("refused", with: DropName.refusedName(Array("x.json".utf8)))
        try bench.put("{", name)
        try bench.link(name, ".billhook/aside/~00112233")
        #expect(try bench.spool.aside.makeLink("~00112233.name", to: "x.json"))
        for _ in 0..<2 {
            try recover(bench)
            #expect(bench.files == [name])
            #expect(asideNames(bench).isEmpty)
        }
    }

    @Test("between link and unlink of an edited request's way back to dead/, it is not billed")
    func twinEdited() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/a.json")
        try take(bench, "a.json")
        _ = try bench.bury("o-1")
        try bench.put(Self.request("o-2"), "dead/o-1.json")
        try bench.link("dead/o-1.json", ".billhook/aside/~00112233")
        #expect(try bench.spool.aside.makeLink("~00112233.name", to: "o-1.json"))
        let before = bench.files.filter { !$0.hasPrefix("aside/") }
        try recover(bench)
        #expect(bench.files == before)
    }

    @Test("what a crash left of names goes at the next start, and nothing else does")
    func tidy() throws {
        let bench = try Bench(keySource: Self.field)
        for name in ["~00112233.name", "gone.json.name", "stands.json.name", "~44556677.name"] {
            #expect(try bench.spool.aside.makeLink(name, to: "x.json"))
        }
        try bench.put(Self.request("o-1"), ".billhook/aside/~44556677")
        try bench.put("{", "processing/stands.json")
        try OriginalName(bench.spool).tidy()
        #expect(asideNames(bench) == ["stands.json.name", "~44556677", "~44556677.name"])
    }

    @Test(
        "a duplicate that is claimed before the request is loaded again costs that its first name nothing",
        arguments: [nil, "", #"{"id":"inv_"#])
    func duplicateBeforeLoad(beside invoice: String?) throws {
        let bench = try Bench(keySource: Self.field)
        let key = try Bench.key("o-1")
        let names = OriginalName(bench.spool)
        // As a kill left it between the claim and the invoice, or a power cut.
        try bench.put(Self.request("o-1"), "processing/o-1.json")
        if let invoice { try bench.put(invoice, "processing/o-1.json.invoice") }
        try FileManager.default.createSymbolicLink(
            atPath: bench.scratch.path("spool/.billhook/aside/o-1.json.name"), withDestinationPath: "first.json")
        try bench.put(Self.request("o-1"), "incoming/second.json")
        #expect(try claim(bench, "second.json").story == "duplicate of processing")
        try names.forgetUnneeded(key)
        _ = try bench.load("o-1")
        #expect(try bench.text("processing/o-1.json.invoice").contains(#""file_name":"first.json""#))
        try names.forgetUnneeded(key)
        #expect(asideNames(bench).isEmpty)
    }

    @Test("an empty .invoice, made for a claim that a crash cut off, takes no key from a drop that is called like it")
    func unwrittenInvoice() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put("", "processing/o-1.json.invoice")
        try bench.put(Self.request("o-2"), "incoming/o-1.json")
        #expect(try claim(bench, "o-1.json").story == "claimed")
        #expect(bench.files.contains("processing/o-2.json"))
    }
}
