import Files
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Names of requests, byte by byte")
struct RequestNameTests {
    private static let names = [
        "a.json", "0.json", "a", ".json", "json", "", "a.JSON", "a.jso", "ajson", "-a.json", "_a.json", ".a.json",
        "a b.json",
        "a/b.json", "ä.json", "inv-7.2026~x@y:z+1=2-_.json", "a.json.invoice", "a.json.attempts", "a.json.json",
        "a.conflict-0123abcd.json", "a.conflict-.json", ".conflict-a.json", "a.conflic.json", "a.conflict.json",
        "a..json",
        "a.conflict-0123abcd.json.error", "a.json~", "#a.json#", "a.json.part", "a.part.json", "a\u{0}.json",
        "refused-0123abcd", "+evt_0123456789abcdef0123456789abcdef.json", "+evt_0123.json", "+.json", "+",
        String(repeating: "k", count: 200) + ".json", String(repeating: "k", count: 201) + ".json",
    ]

    @Test(
        "are told as the reader of names tells them", arguments: names.map { Array($0.utf8) } + [[0xff, 0x2e], [0xc3]])
    func agrees(name: [UInt8]) {
        let key: Key? = if case .request(let key) = DropName(name) { key } else { nil }
        #expect(DropName.isRequest(name.span) == (key.map { !$0.isEntry } ?? false))
        #expect(DropName.key(ofRequest: name.span) == key)
        let text = String(decoding: name, as: UTF8.self)
        #expect(text.hasSuffix(".json") ? key == Key(stem: text.dropLast(5)) : key == nil)
        if text.utf8.elementsEqual(name) { #expect(DropName(text) == DropName(name)) }
    }

    @Test("of conflicts have the eight digits that they are given, and no more, so that their .error has a name, too")
    func conflicts() {
        let key = Key(stem: "a")
        #expect(DropName("a.conflict-0123abcd.json") == key.map { .conflict($0) })
        for digits in ["0123abc", "0123abcd0", String(repeating: "0", count: 235)] {
            guard case .refused = DropName("a.conflict-\(digits).json") else {
                Issue.record("\(digits) is taken for a conflict")
                continue
            }
        }
    }

    @Test("and so are names that nobody thought of", arguments: 0..<20 as Range<UInt64>)
    func agreesByChance(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let parts = ["a", "Z", "9", ".", "-", "conflict-", ".conflict-", ".json", "json", "~", "/", "\u{e9}", "_"]
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<6, using: &random) { text += parts.randomElement(using: &random) ?? "" }
            agrees(name: Array((Bool.random(using: &random) ? text + ".json" : text).utf8))
        }
    }
}
