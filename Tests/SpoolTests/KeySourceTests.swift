import Files
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Where keys come from")
struct KeySourceTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("a setting is read and written alike", arguments: ["name", "content", "field:order_id", "field:Auftrag Nr."])
    func settings(text: String) throws {
        #expect(try #require(KeySource(text)).description == text)
    }

    @Test(
        "what is no setting is none",
        arguments: [
            "", "Name", "contents", "field", "field:", "field:a\nb", "field:" + String(repeating: "x", count: 201),
        ])
    func nonsense(text: String) { #expect(KeySource(text) == nil) }

    @Test("a spool keeps its own, and is not made again with another")
    func kept() throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        let field = KeySource.derived(.field("order"))
        #expect(try Spool.create(path, keySource: field).keySource == field)
        #expect(try Spool(path).keySource == field)
        #expect(try Spool.create(path).keySource == field)
        #expect(throws: SpoolError.keySource(path, standing: field, wanted: .name)) {
            try Spool.create(path, keySource: .name)
        }
        #expect(try Spool(path).keySource == field)
        #expect(try Spool.create(FilePath(scratch.path("fresh"))).keySource == .name)
    }

    // MARK: Names

    @Test(
        "where keys are derived, a file may have any name that ends in .json",
        arguments: ["a.json", "Rechnung 2026 (ä).json", "+.json", "a.conflict-00112233.json", "\u{1F4B6}\n.json"])
    func anyName(name: String) {
        for source in [KeySource.derived(.content), .derived(.field("f"))] {
            #expect(source.derivesKey(ofFile: Array(name.utf8)))
        }
        #expect(!KeySource.name.derivesKey(ofFile: Array(name.utf8)))
    }

    @Test(
        "but not one for unfinished work, a sidecar's, or one that is not UTF-8",
        arguments: [
            bytes(".json"), bytes(".a.json"), bytes("a.json.tmp"), bytes("a.json~"), bytes("a.json.invoice"),
            bytes("a.JSON"), [0xff] + bytes(".json"),
        ])
    func noName(name: [UInt8]) { #expect(!KeySource.derived(.content).derivesKey(ofFile: name)) }

    @Test("a name is shown as it is, unless something in it can't be seen")
    func legible() {
        #expect(DropName.legible("Rechnung 2026 (ä).json") == "Rechnung 2026 (ä).json")
        #expect(DropName.legible("a\nb") == "a\\x0ab")
        #expect(DropName.legible("a\u{202E}b") == "a\\xe2\\x80\\xaeb")
        #expect(DropName.legible("a\\x0ab") == "a\\\\x0ab")
        for name in ["plain", "a\\b\n", "\u{202E}\u{0}ä"] {
            #expect(DropName.unescaped(DropName.escaped(Array(name.utf8))) == Array(name.utf8))
        }
    }

    // MARK: Content

    private func key(_ derivation: KeyDerivation, _ text: String) throws(KeylessContent) -> String {
        try derivation.key(of: Array(text.utf8)).name
    }

    @Test("equal values have one key, which is the SHA-256 of their canonical JSON")
    func content() throws {
        // printf '{"a":1,"b":"\303\244"}' | sha256sum
        let first = "f5300ffcfd6fd3fc2de46d700be90d43fd799cd9eb69da4737201006143d48a1"
        #expect(try key(.content, #"{"a":1,"b":"ä"}"#) == first)
        #expect(try key(.content, "\n{ \"b\" : \"\\u00e4\", \"a\": 10e-1 }\n") == first)
        #expect(try key(.content, #"{"a":2,"b":"ä"}"#) != first)
        // printf '[]' | sha256sum
        #expect(try key(.content, " [ ] ") == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945")
    }

    @Test(
        "a field gives its text, or the digits of a whole number",
        arguments: [
            (#"{"f":"inv-7"}"#, "inv-7"), (#"{"f":7}"#, "7"), (#"{"f":7.0}"#, "7"), (#"{"f":"7"}"#, "7"),
            (#"{"x":{"f":"b"},"f":"a"}"#, "a"), (#"{"f":9007199254740993}"#, "9007199254740993"),
        ])
    func field(text: String, expected: String) throws { #expect(try key(.field("f"), text) == expected) }

    @Test(
        "content without a key says why, and shows nothing of itself",
        arguments: [
            ("", KeylessContent.Code.incomplete), (#"{"f":"SECRET"#, .incomplete), ("{]", .malformedJSON),
            (#"{"f":"SECRET","f":"b"}"#, .malformedJSON), (#"["SECRET"]"#, .notAnObject),
            (#"{"F":"SECRET"}"#, .missingField), (#"{"f":null}"#, .invalidField), (#"{"f":{}}"#, .invalidField),
            (#"{"f":""}"#, .invalidField), (#"{"f":"SECRET SECRET"}"#, .invalidField), (#"{"f":-7}"#, .invalidField),
            (#"{"f":7.5}"#, .invalidField), (#"{"f":1e300}"#, .invalidField),
            (#"{"f":"SECRET.conflict-1"}"#, .invalidField), (#"{"f":true}"#, .invalidField),
        ])
    func keyless(text: String, code: KeylessContent.Code) throws {
        let error = try #require(throws: KeylessContent.self) { try key(.field("f"), text) }
        #expect(error.code == code)
        #expect(!error.description.contains("SECRET"))
        #expect(error.isIncomplete == (code == .incomplete))
    }

    @Test("for the content as a key, only what is no JSON has none", arguments: ["", "{", "{]", "nul"])
    func noJSON(text: String) throws {
        #expect(throws: KeylessContent.self) { try key(.content, text) }
    }
}
