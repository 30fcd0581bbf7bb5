import Files
import Spool
import Testing

@Suite("A key")
struct KeyTests {
    @Test(
        "is legal",
        arguments: [
            "a", "0", "inv-7", "2026.11.21", "a~b@c:d+e=f_g-h.i", "x.tmp", "x.json", "a~", "A.conflict", "conflict-x",
            String(repeating: "k", count: 200),
        ])
    func legal(name: String) {
        #expect(Key(name)?.name == name)
        #expect(Key.objection(to: name) == nil)
        #expect(DropName(name + ".json") == Key(name).map { .request($0) })
    }

    @Test(
        "is not legal, and it is told why",
        arguments: [
            ("", "is empty"), (String(repeating: "k", count: 201), "201 bytes"), ("-a", "begin with"),
            ("+EVENT", "begin with"), ("_a", "begin with"), ("a b", "characters"), ("a/b", "characters"),
            ("ä", "begin with"), ("aä", "characters"), ("a\n", "characters"), ("a\0", "characters"),
            ("a.conflict-00112233", ".conflict-"), ("a%20b", "characters"), ("１", "begin with"),
        ])
    func illegal(name: String, reason: String) {
        #expect(Key(name) == nil)
        #expect(Key.objection(to: name)?.contains(reason) == true)
    }

    @Test("gives its sidecars names that are no requests")
    func sidecars() throws {
        let key = try #require(Key("x.json"))
        #expect(key.fileName.text == "x.json.json")
        #expect(Sidecar.invoice.fileName(key).text == "x.json.json.invoice")
        for sidecar in Sidecar.allCases { #expect(DropName(sidecar.fileName(key).text) == .sidecar) }
    }
}

@Suite("The name of a drop")
struct DropNameTests {
    @Test(
        "of unfinished work is left alone",
        arguments: [
            ".inv.json", ".inv.json.Xy12Zw", ".#inv.json", "#inv.json#", "inv.json~", "inv.json.tmp", "inv.json.TMP",
            "inv.temp", "inv.json.part", "inv.partial", "inv.json.filepart", "inv.crdownload", "inv.download",
            "inv.json.swp", "inv.json.swx", "inv.lock", "inv.writing", "inv.incomplete", "inv.inprogress", ".", "..",
            "~",
        ])
    func unfinished(name: String) {
        #expect(DropName(name) == .unfinished)
    }

    @Test("of unfinished work is left alone though it is not UTF-8")
    func unfinishedRaw() {
        #expect(DropName(Array(".a".utf8) + [0xff]) == .unfinished)
        #expect(DropName([0xff] + Array(".json.part".utf8)) == .unfinished)
        #expect(DropName([0xff] + Array(".json".utf8)) == .refused(because: "it is not UTF-8"))
    }

    @Test("of a conflict asks for the key it conflicts with")
    func conflict() throws {
        let key = try #require(Key("inv-7"))
        let name = key.conflictFileName(for: [1, 2, 3])
        #expect(name == "inv-7.conflict-039058c6.json")
        #expect(DropName(name) == .conflict(key))
        #expect(DropName("inv-7.conflict-039058C6.json") == .conflict(key))
        #expect(name != key.conflictFileName(for: [1, 2, 4]))
    }

    @Test(
        "is refused, as one that is no key's",
        arguments: [
            "inv.txt", "inv", "inv.JSON", "inv.jsonl", "a.conflict-.json",
            "a.conflict-zzzzzzzz.json", "a.conflict-0011223.json", "-.conflict-00112233.json",
            "a.conflict-00112233.conflict-00112233.json", "a b.json", "-a.json", "inv.json.bak",
        ])
    func refused(name: String) {
        guard case .refused(let reason) = DropName(name) else {
            Issue.record("\(name) is \(DropName(name))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("that is refused is told in printable ASCII, and has a place of its own in dead/")
    func escaped() {
        #expect(DropName.escaped([0x61, 0x5c, 0x0a, 0x1b, 0x7f, 0xff, 0x7e]) == #"a\\\x0a\x1b\x7f\xff~"#)
        #expect(DropName.refusedName([0x61]) == "refused-ca978112")
        #expect(DropName.refusedName([0x61]) != DropName.refusedName([0x62]))
    }
}
