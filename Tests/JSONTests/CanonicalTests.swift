import JSON
import Testing

@Suite("Canonical form")
struct CanonicalTests {
    @Test(
        "a value has one text",
        arguments: [
            (#" { "b" : 1 , "a" : [ true , null ] } "#, #"{"a":[true,null],"b":1}"#),
            (#"{"aa":1,"a":2,"B":3,"":4}"#, #"{"":4,"B":3,"a":2,"aa":1}"#),
            (#""\u0041\/\u00e9\u001f\u0008\n\"\\""#, "\"A/é\\u001f\\b\\n\\\"\\\\\""),
            (#"[]"#, "[]"), ("{ }", "{}"), ("\"\u{7F}\"", "\"\u{7F}\""),
        ])
    func texts(source: String, expected: String) throws {
        #expect(try canonical(source) == expected)
    }

    @Test("names are sorted by their UTF-8 bytes, not by UTF-16 and not by a language")
    func order() throws {
        // U+10000 sorts after U+FFFD by UTF-8 and before it by UTF-16.
        let sorted = "{\"Z\":1,\"a\":1,\"e\u{301}\":1,\"z\":1,\"\u{E9}\":1,\"\u{FFFD}\":1,\"\u{10000}\":1}"
        let mixed = "{\"\u{10000}\":1,\"\u{E9}\":1,\"z\":1,\"\u{FFFD}\":1,\"a\":1,\"Z\":1,\"e\u{301}\":1}"
        // Compared as bytes, because canonically equal texts are equal Strings.
        #expect(try read(mixed).canonical() == Array(sorted.utf8))
    }

    @Test(
        "equal numbers have one text",
        arguments: [
            ("0", ["-0", "0.0", "0e7", "-0.000e-9", "0e99999999999999999999"]),
            ("1", ["1.0", "10e-1", "0.1e1", "1e0", "1E+0"]),
            ("-1.5", ["-15e-1", "-1.50", "-0.15e1"]),
            ("100", ["1e2", "100.00", "1000e-1"]),
            ("0.001", ["1e-3", "0.0010"]),
            ("0.000001", ["1e-6"]), ("1e-7", ["0.0000001"]), ("1.5e-7", ["0.00000015"]),
            ("100000000000000000000", ["1e20"]), ("1e+21", ["1000000000000000000000"]),
            ("1.5e+300", ["15e299", "150E298"]),
            ("9007199254740993", ["9007199254740993.0"]),
            (
                "1.234567890123456789012345678905e+29",
                ["123456789012345678901234567890.5"]
            ),
            ("123456789012345678901.25", ["12345678901234567890125e-2"]),
        ])
    func numbers(expected: String, sources: [String]) throws {
        #expect(try canonical(expected) == expected)
        for source in sources { #expect(try canonical(source) == expected) }
    }

    @Test("numbers that a double would confuse stay apart")
    func exactness() throws {
        #expect(try !read("9007199254740993").isSame(as: read("9007199254740992")))
        #expect(try !read("0.1").isSame(as: read("0.1000000000000000055511151231257827")))
    }

    @Test("an exponent costs no memory")
    func hugeExponents() throws {
        #expect(try canonical("1e308") == "1e+308")
        #expect(try canonical("5e-324") == "5e-324")
        #expect(try canonical("0e999999999") == "0")
        let zeros = String(repeating: "0", count: 10_000)
        #expect(try canonical("1\(zeros)e-10000") == "1")
    }

    @Test("the same value in other words is the same, any other is not")
    func sameness() throws {
        let value = try read(#"{"a":1,"b":["x",2.50]}"#)
        #expect(try value.isSame(as: read(#"{ "b": ["\u0078", 25e-1], "a": 1.0 }"#)))
        for other in [#"{"a":1,"b":[2.5,"x"]}"#, #"{"a":1}"#, #"{"a":"1","b":["x",2.5]}"#, #"{"a":1,"b":null}"#, "[]"] {
            #expect(try !value.isSame(as: read(other)))
        }
    }
}
