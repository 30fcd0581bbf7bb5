import JSON
import Testing

@Suite("Reading documents")
struct JSONReaderTests {
    @Test("every kind of value is read")
    func kinds() throws {
        let object = try #require(
            try read(#" { "s" : "x", "n": -1.5 , "t":true,"f":false,"z":null,"a":[1,[ ],{}],"o":{"s":""} } "#).object)
        #expect(object.members.map(\.name) == ["s", "n", "t", "f", "z", "a", "o"])
        #expect(object["s"]?.string == "x")
        #expect(object["n"]?.number?.double == -1.5)
        #expect(object["t"]?.bool == true)
        #expect(object["f"]?.bool == false)
        #expect(object["z"]?.isNull == true)
        #expect(object["a"]?.array?.count == 3)
        #expect(object["o"]?.object?["s"]?.string == "")
        #expect(object["missing"] == nil)
    }

    @Test("a getter of another kind answers nil")
    func otherKinds() throws {
        let text = try read("\"1\"")
        #expect(text.int64 == nil)
        #expect(text.bool == nil)
        #expect(text.array == nil)
        #expect(text.object == nil)
        #expect(!text.isNull)
        #expect(try read("1").string == nil)
    }

    @Test(
        "kinds have names for messages",
        arguments: [
            ("null", "null"), ("true", "a boolean"), ("1", "a number"), ("\"x\"", "a string"), ("[]", "an array"),
            ("{}", "an object"),
        ])
    func kindNames(text: String, name: String) throws {
        #expect(try read(text).kindName == name)
    }

    @Test("a member knows the bytes of its value, exactly")
    func sources() throws {
        let text = #"{"a" :  {"x" : [1,  2 ]} , "b":"\u00e4", "c": 1.50 }"#
        let bytes = Array(text.utf8)
        let object = try #require(try read(text).object)
        let sources = object.members.map { String(decoding: bytes[$0.source], as: UTF8.self) }
        #expect(sources == [#"{"x" : [1,  2 ]}"#, #""\u00e4""#, "1.50"])
    }

    @Test(
        "what is no JSON is refused at the byte that is wrong",
        arguments: [
            ("{\"a\":1,}", .expectedName, 7), ("[1,]", .expectedValue, 3), ("[1 2]", .expectedComma, 3),
            ("{\"a\" 1}", .expectedColon, 5), ("{a:1}", .expectedName, 1), ("{'a':1}", .expectedName, 1),
            ("[,1]", .expectedValue, 1), ("{\"a\":}", .expectedValue, 5), ("[1}", .expectedComma, 2),
            ("{\"a\":1]", .expectedComma, 6), ("]", .expectedValue, 0), ("tru ", .expectedValue, 3),
            ("nulL", .expectedValue, 3), ("TRUE", .expectedValue, 0), ("NaN", .expectedValue, 0),
            ("[Infinity]", .expectedValue, 1), ("// no\n{}", .expectedValue, 0), ("{}{}", .trailingBytes, 2),
            ("1 2", .trailingBytes, 2), ("{} x", .trailingBytes, 3), ("{}\0", .nulByte, 2), ("\0", .nulByte, 0),
            ("{\0\"a\":1}", .nulByte, 1), ("\u{FEFF}{}", .byteOrderMark, 0), ("\u{A0}{}", .expectedValue, 0),
            ("\u{B}{}", .expectedValue, 0),
        ] as [(String, JSONError.Reason, Int)])
    func malformed(text: String, reason: JSONError.Reason, offset: Int) {
        let error = refusal(of: text)
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
        #expect(error?.isIncomplete == false)
    }

    @Test("nothing but white space is incomplete", arguments: ["", " ", "\n\t \r\n"])
    func empty(text: String) {
        #expect(refusal(of: text)?.reason == .empty)
        #expect(refusal(of: text)?.isIncomplete == true)
    }

    @Test("a file of NUL bytes, as a power cut leaves it, is told as such")
    func zeros() {
        #expect(refusal(of: [UInt8](repeating: 0, count: 4096))?.reason == .nulByte)
    }

    @Test("a name that comes twice is refused, also when only unescaping makes it the same")
    func duplicates() {
        #expect(refusal(of: #"{"a":1,"a":2}"#)?.reason == .duplicateName)
        #expect(refusal(of: #"{"a":1,"a":1}"#)?.reason == .duplicateName)
        #expect(refusal(of: #"{"amount":1,"\u0061mount":2}"#)?.reason == .duplicateName)
        #expect(refusal(of: #"{"x":{"a":1},"y":{"a":2}}"#) == nil)
    }

    @Test("names are the same when their bytes are: canonically equal texts are two names")
    func canonicallyEqualNames() throws {
        // Swift's == holds these equal: a Kelvin sign and K, a composed and a decomposed é.
        let object = try #require(try read("{\"\u{212A}\":1,\"K\":2,\"\u{E9}\":3,\"e\u{301}\":4}").object)
        #expect(object["K"]?.int64 == 2)
        #expect(object["\u{212A}"]?.int64 == 1)
        #expect(object["e\u{301}"]?.int64 == 4)
    }

    @Test("a duplicate is found in an object of many members", arguments: [15, 16, 17, 18, 40, 5000])
    func duplicateAmongMany(count: Int) {
        let members = (0..<count).map { "\"n\($0)\":\($0)" }
        for repeated in [0, count / 2, count - 1] {
            let text = "{" + (members + [members[repeated]]).joined(separator: ",") + "}"
            #expect(refusal(of: text)?.reason == .duplicateName)
        }
        #expect(refusal(of: "{" + members.joined(separator: ",") + "}") == nil)
    }

    @Test("the deepest nesting allowed is read, one more is refused")
    func depth() {
        #expect(refusal(of: nested(128)) == nil)
        #expect(refusal(of: nested(129))?.reason == .tooDeep)
        #expect(refusal(of: nested(129))?.offset == 128)
        #expect(refusal(of: "[[1],[2]]", maximumDepth: 2) == nil)
        #expect(refusal(of: "{\"a\":[{}]}", maximumDepth: 2)?.reason == .tooDeep)
        #expect(refusal(of: "1", maximumDepth: 0) == nil)
    }

    @Test("no wish for depth, and no million of brackets, reaches the end of the stack")
    func depthIsBounded() {
        #expect(refusal(of: nested(512), maximumDepth: .max) == nil)
        #expect(refusal(of: nested(513), maximumDepth: .max)?.reason == .tooDeep)
        #expect(refusal(of: String(repeating: "[", count: 1_000_000))?.reason == .tooDeep)
        #expect(refusal(of: String(repeating: "{\"a\":", count: 200_000))?.reason == .tooDeep)
    }
}
