import JSON
import Testing

@Suite("Writing")
struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("commas come by themselves")
    func commas() {
        let written = text { writer in
            writer.beginObject()
            writer.member("text", "x")
            writer.member("number", Int64.min)
            writer.member("count", 0)
            writer.member("truth", true)
            writer.name("empty")
            writer.beginObject()
            writer.endObject()
            writer.name("list")
            writer.beginArray()
            writer.integer(1)
            writer.bool(false)
            writer.null()
            writer.beginArray()
            writer.endArray()
            writer.string("")
            writer.endArray()
            writer.member("raw", raw: Array("{ \"kept\" : 1.0 }".utf8))
            writer.endObject()
        }
        #expect(
            written == #"{"text":"x","number":-9223372036854775808,"count":0,"truth":true,"empty":{},"#
                + #""list":[1,false,null,[],""],"raw":{ "kept" : 1.0 }}"#)
    }

    @Test("what must be escaped is, and nothing more")
    func escapes() {
        let written = text { $0.string("a\"b\\c/d\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}é😀") }
        #expect(written == "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0000\\u001f\u{7F}é😀\"")
        #expect(text { $0.name("a\nb") } == "\"a\\nb\":")
    }

    @Test("a character is escaped wherever it stands among plain ones", arguments: 0..<20)
    func escapesAtEveryPlace(length: Int) {
        let escapes = [
            "\"": "\\\"", "\\": "\\\\", "\u{1F}": "\\u001f", "\0": "\\u0000", " ": " ", "!": "!", "\u{7F}": "\u{7F}",
        ]
        for place in 0..<length {
            for (character, escape) in escapes {
                let (before, behind) = (
                    String(repeating: "#", count: place), String(repeating: "é", count: length - place)
                )
                #expect(text { $0.string(before + character + behind) } == "\"\(before)\(escape)\(behind)\"")
            }
        }
    }

    @Test("every character comes back as it was")
    func roundTrip() throws {
        let every = String(String.UnicodeScalarView((0..<0x300).compactMap { Unicode.Scalar(UInt32($0)) }))
        #expect(try read(text { $0.string(every) }).string == every)
    }

    @Test("integers are written in full", arguments: [0, 1, -1, 9, 10, 1_234_567_890, .max, .min] as [Int64])
    func integers(value: Int64) {
        #expect(text { $0.integer(value) } == String(value))
    }

    @Test("lines of JSON Lines are documents of their own")
    func lines() {
        let written = text { writer in
            for number in 1...2 {
                writer.beginArray()
                writer.integer(number)
                writer.endArray()
                writer.endLine()
            }
        }
        #expect(written == "[1]\n[2]\n")
    }

    @Test("a writer that is reset begins afresh")
    func reset() {
        var writer = JSONWriter(reserving: 100)
        writer.integer(1)
        writer.reset()
        #expect(writer.bytes.isEmpty)
        writer.integer(2)
        #expect(writer.bytes == Array("2".utf8))
    }
}
