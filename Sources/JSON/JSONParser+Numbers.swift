extension JSONParser {
    /// So many digits without an exponent are within the range of a `Double` in any case.
    private static let safeLength = 300

    mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let leadingZero = !isAtEnd && bytes[position] == UInt8(ascii: "0")
        let integerLength = try digits(of: start)
        if leadingZero, integerLength > 1 { throw error(.invalidNumber, at: start) }
        if skip(UInt8(ascii: "."), or: UInt8(ascii: ".")) { _ = try digits(of: start) }
        let hasExponent = skip(UInt8(ascii: "e"), or: UInt8(ascii: "E"))
        if hasExponent {
            _ = skip(UInt8(ascii: "+"), or: UInt8(ascii: "-"))
            _ = try digits(of: start)
        }
        // Inside a bracket the number itself may have been cut, and its range is not known yet: 400 digits are out of
        // range, 400 digits and e-300 are not.
        if isAtEnd, depth > 0 { throw error(.endsEarly) }
        let number = JSONNumber(validText: String(decoding: bytes[start..<position], as: UTF8.self))
        if hasExponent || position - start > Self.safeLength, !Self.isInRange(number) {
            throw error(.numberOutOfRange, at: start)
        }
        return number
    }

    private static func isInRange(_ number: JSONNumber) -> Bool {
        if JSONDecimal(number.text).isZero { return true }
        guard let double = number.double else { return false }
        return double != 0
    }

    /// Goes past at least one digit and tells how many there were.
    private mutating func digits(of number: Int) throws(JSONError) -> Int {
        let start = position
        while position < bytes.count, bytes[position].isDigit { position += 1 }
        if position == start { throw isAtEnd ? error(.endsEarly) : error(.invalidNumber, at: number) }
        return position - start
    }

    private mutating func skip(_ byte: UInt8, or other: UInt8) -> Bool {
        guard !isAtEnd, bytes[position] == byte || bytes[position] == other else { return false }
        position += 1
        return true
    }
}
