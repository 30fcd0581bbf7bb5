import JSON
import Testing

@Suite("Numbers in order")
struct JSONNumberOrderTests {
    private func number(_ text: String) throws -> JSONNumber {
        try #require(try JSONReader.read(Array(text.utf8)).number)
    }

    @Test("are compared by what they are worth, to the last digit")
    func ascending() throws {
        let texts = [
            "-1e300", "-9223372036854775809", "-9223372036854775808", "-10", "-9.5", "-9", "-1e-9", "0", "1e-9",
            "0.09999999999999999999999", "0.1", "0.10000000000000000000001", "1", "9", "10", "99.99", "100",
            "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775807.5",
            "9223372036854775808", "1e300",
        ]
        let numbers = try texts.map(number)
        for (i, a) in numbers.enumerated() {
            for (j, b) in numbers.enumerated() {
                #expect((a < b) == (i < j), "\(texts[i]) < \(texts[j])")
                #expect((a == b) == (i == j), "\(texts[i]) == \(texts[j])")
            }
        }
    }

    @Test("are equal however they are written", arguments: ["100", "100.0", "1e2", "1000e-1", "1.00E+2", "0.1e3"])
    func equal(text: String) throws {
        #expect(try number(text) == number("100"))
        #expect(try number("-" + text) == number("-100"))
        #expect(try number("0e5") == number("-0.00"))
    }
}
