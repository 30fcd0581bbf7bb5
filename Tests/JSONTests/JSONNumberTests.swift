import JSON
import Testing

@Suite("Numbers")
struct JSONNumberTests {
    @Test(
        "a whole number is exact, however it is written",
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("-0e9", 0), ("5", 5), ("5.0", 5), ("50e-1", 5), ("5e2", 500),
            ("0.05e2", 5), ("5E+2", 500), ("-7", -7), ("9007199254740993", 9_007_199_254_740_993),
            ("999999999999999999", 999_999_999_999_999_999), ("1000000000000000000", 1_000_000_000_000_000_000),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775807.000", .max),
            ("9.223372036854775807e18", .max), ("-9.223372036854775808e18", .min), ("1e18", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func whole(text: String, value: Int64) throws {
        #expect(try read(text).int64 == value)
    }

    @Test(
        "what is not whole, or does not fit, has no 64-bit value",
        arguments: [
            "0.5", "5e-1", "-1.25", "9223372036854775808", "-9223372036854775809", "1e19", "1e300", "1e-300",
            "9223372036854775807.5", "99999999999999999999999999999999999999",
        ])
    func notWhole(text: String) throws {
        let number = try #require(try read(text).number)
        #expect(number.int64 == nil)
        #expect(number.double != nil)
        #expect(number.text == text)
    }

    @Test("a decimal is scaled exactly")
    func scaled() throws {
        #expect(try read("19.25").number?.int64(decimals: 4) == 192_500)
        #expect(try read("19.25").number?.int64(decimals: 2) == 1925)
        #expect(try read("19.25").number?.int64(decimals: 1) == nil)
        #expect(try read("0.1").number?.int64(decimals: 4) == 1000)
        #expect(try read("19").number?.int64(decimals: 4) == 190_000)
        #expect(try read("1e-4").number?.int64(decimals: 4) == 1)
        #expect(try read("1e-5").number?.int64(decimals: 4) == nil)
        #expect(try read("1000").number?.int64(decimals: -3) == 1)
        #expect(try read("7").number?.int64(decimals: .max) == nil)
    }

    @Test(
        "the grammar admits nothing else",
        arguments: [
            "01", "-01", "00", "+1", ".5", "-.5", "1.x", "1.e5", "1ex", "1e+x", "-x", "--1", "0x10", "1_000", "1,5",
        ])
    func malformed(text: String) {
        let error = refusal(of: text)
        #expect(error != nil)
        #expect(error?.isIncomplete == false)
    }

    @Test("leading zeros are told as a malformed number")
    func leadingZeros() {
        #expect(refusal(of: "[1, 007]")?.reason == .invalidNumber)
        #expect(refusal(of: "[1, 007]")?.offset == 4)
    }

    @Test(
        "a number that neither an integer nor a double can hold is refused as such",
        arguments: [
            "1e400", "-1e400", "1e309", "1e-400", "1e99999999999999999999999", "1e-99999999999999999999999", "1.8e308",
        ])
    func outOfRange(text: String) {
        #expect(refusal(of: text)?.reason == .numberOutOfRange)
        #expect(refusal(of: "[\(text)]")?.reason == .numberOutOfRange)
    }

    @Test(
        "the ends of the range are in it, and zero has any exponent",
        arguments: ["1.7976931348623157e308", "5e-324", "0e99999999999999999999999", "-0.0e-400", "1e308"])
    func inRange(text: String) {
        #expect(refusal(of: text) == nil)
    }

    @Test("many digits are taken exactly, and refused when they are out of range")
    func manyDigits() throws {
        let zeros = String(repeating: "0", count: 400)
        #expect(try read("0.\(zeros)5e401").int64 == 5)
        #expect(try read("5\(zeros)e-400").int64 == 5)
        #expect(try read("5.\(zeros)").int64 == 5)
        #expect(refusal(of: "5\(zeros)")?.reason == .numberOutOfRange)
        #expect(refusal(of: "0.\(zeros)5")?.reason == .numberOutOfRange)
    }

    @Test("a number is made from an integer")
    func fromInteger() {
        #expect(JSONNumber(.min).text == "-9223372036854775808")
        #expect(JSONNumber(.min).int64 == .min)
    }
}
