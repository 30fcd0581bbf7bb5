import JSON
import Testing

@Suite("Documents that are cut")
struct TruncationTests {
    static let documents = [
        #"{"customer_id":"c-1","amount_cents":1999,"currency":"EUR","metadata":{"ü":"€\u00e9\uD83D\uDE00\n😀"}}"#,
        #" { "a" : [ true , false , null , -0.5e+10 , [ ] , { } ] , "b\\" : "\"" } "#,
        #"["\\","\/",1e5,12,"",{"x":{"y":[[[0]]]}}]"#,
        "\"text with é and \\u20ac\"",
        "true", "false", "null",
        "{\"n\":1\(String(repeating: "0", count: 400))e-300}",
    ]

    @Test("every proper prefix of a document is incomplete, never malformed", arguments: documents)
    func prefixes(text: String) throws {
        let bytes = Array(text.utf8)
        #expect(refusal(of: bytes) == nil)
        let complete = Array(text.trimmingSpaces.utf8).count + bytes.prefix { $0 == 0x20 }.count
        for length in 0..<complete {
            let error = refusal(of: Array(bytes[..<length]))
            #expect(error?.isIncomplete == true, "cut at \(length): \(String(describing: error))")
        }
    }

    @Test("a bare number is complete as it stands, unless it ends in the middle")
    func numbers() {
        #expect(refusal(of: "12") == nil)
        for cut in ["-", "1.", "1e", "1e+", "-0.", "1.5E-"] { #expect(refusal(of: cut)?.reason == .endsEarly) }
        #expect(refusal(of: "[12")?.reason == .endsEarly)
    }

    @Test("a cut does not hide what is wrong before it")
    func wrongAndCut() {
        #expect(refusal(of: #"{"a":1,"a""#)?.reason == .duplicateName)
        #expect(refusal(of: #"["\x"#)?.reason == .invalidEscape)
        #expect(refusal(of: #"["\uD83Dx"#)?.reason == .loneSurrogate)
        #expect(refusal(of: [0x22, 0xE0, 0x80])?.reason == .invalidUTF8)
        #expect(refusal(of: #"[01"#)?.reason == .invalidNumber)
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
