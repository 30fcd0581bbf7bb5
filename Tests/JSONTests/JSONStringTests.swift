import JSON
import Testing

@Suite("Strings")
struct JSONStringTests {
    @Test("every escape is understood")
    func escapes() throws {
        #expect(try read(#""\"\\\/\b\f\n\r\tA""#).string == "\"\\/\u{8}\u{C}\n\r\tA")
        #expect(try read(#""a\u00e4\u20AC\uD83D\uDE00z""#).string == "aä€😀z")
        #expect(try read(#""\u0000""#).string == "\0")
        #expect(try read(#""\\u0041""#).string == "\\u0041")
        #expect(try read(#""\uFFFF\uDBFF\uDFFF""#).string == "\u{FFFF}\u{10FFFF}")
    }

    @Test("characters of every length pass through", arguments: ["\u{7F}", "\u{80}", "ß", "\u{7FF}", "\u{800}", "€"])
    func plainCharacters(text: String) throws {
        #expect(try read("\"\(text)\"").string == text)
        #expect(try read("\"\\n\(text)\"").string == "\n" + text)
    }

    @Test("a character is found wherever it stands among plain ones", arguments: 0..<20)
    func everyPlace(length: Int) throws {
        for place in 0..<length {
            let (before, behind) = (String(repeating: "#", count: place), String(repeating: "~", count: length - place))
            for character in ["!", " ", "\u{7F}", "é", "😀"] {
                #expect(try read("\"\(before)\(character)\(behind)\"").string == before + character + behind)
            }
            #expect(try read("\"\(before)\\n\(behind)\"").string == before + "\n" + behind)
            #expect(try read("[\"\(before)\",\"\(behind)\"]").array?.map(\.string) == [before, behind])
            #expect(refusal(of: "\"\(before)\u{1F}\(behind)\"")?.offset == 1 + place)
            #expect(refusal(of: "\"\(before)\0\(behind)\"")?.reason == .nulByte)
        }
    }

    @Test("characters at the edges of the code space pass through")
    func edges() throws {
        for scalar in [0x0FFF, 0x1000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFF] {
            let text = String(try #require(Unicode.Scalar(UInt32(scalar))))
            #expect(try read("\"\(text)\"").string == text)
        }
    }

    @Test(
        "what is not UTF-8 is refused, never repaired",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
            [0xF0, 0x9F, 0x98, 0x28],
        ] as [[UInt8]])
    func invalidUTF8(sequence: [UInt8]) {
        for escape in ["", "\\n"] {
            let start = Array("\"ab\(escape)".utf8)
            let error = refusal(of: start + sequence + Array("\"".utf8))
            #expect(error?.reason == .invalidUTF8)
            #expect(error?.offset == start.count)
        }
        #expect(refusal(of: Array("{\"".utf8) + sequence + Array("\":1}".utf8))?.reason == .invalidUTF8)
    }

    @Test("control characters must be escaped")
    func controlCharacters() {
        for byte in UInt8(1)..<0x20 {
            #expect(refusal(of: [UInt8(ascii: "\""), byte, UInt8(ascii: "\"")])?.reason == .controlCharacter)
        }
        #expect(refusal(of: "\"\0\"")?.reason == .nulByte)
        #expect(refusal(of: "\"\u{7F}\"") == nil)
    }

    @Test(
        "half of a surrogate pair is refused",
        arguments: [
            #""\uD83D""#, #""\uD83Dx""#, #""\uD83D\n""#, #""\uDE00""#, #""\uD83D\uD83D""#, #""\uD83D\u0041""#,
            #""\uDE00\uD83D""#,
        ])
    func loneSurrogates(text: String) {
        #expect(refusal(of: text)?.reason == .loneSurrogate)
    }

    @Test(
        "an unknown or malformed escape is refused",
        arguments: [#""\x""#, #""\'""#, #""\u12G4""#, #""\u 123""#, #""\u12""#, #""\U0041""#, #""\u+123""#])
    func invalidEscapes(text: String) {
        let error = refusal(of: text)
        #expect(error?.reason == .invalidEscape)
        #expect(error?.offset == 1)
    }
}
