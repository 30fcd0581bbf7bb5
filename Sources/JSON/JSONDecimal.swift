/// The exact worth of a JSON number: `digits` × 10^`exponent`, in the one form that equal numbers share.
struct JSONDecimal {
    let isNegative: Bool
    /// Values 0 to 9, neither the first nor the last of them 0; none at all for zero.
    let digits: [UInt8]
    let exponent: Int

    /// From a text that is valid by RFC 8259, section 6.
    ///
    /// An exponent that is longer than any input could make up for saturates: `1e99999999999999999999` is out of range
    /// however many digits stand before it, and zero is zero with any exponent.
    init(_ text: String) {
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count)
        var fractionLength = 0
        var inFraction = false
        var written: ExponentReader?
        for byte in text.utf8 {
            if written != nil {
                written?.take(byte)
            } else if byte.isDigit {
                if inFraction { fractionLength += 1 }
                if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte - UInt8(ascii: "0")) }
            } else if byte == UInt8(ascii: ".") {
                inFraction = true
            } else if byte | 0x20 == UInt8(ascii: "e") {
                written = ExponentReader()
            }
        }
        let length = digits.count
        while digits.last == 0 { digits.removeLast() }
        self.digits = digits
        isNegative = !digits.isEmpty && text.utf8.first == UInt8(ascii: "-")
        exponent = digits.isEmpty ? 0 : (written?.value ?? 0) - fractionLength + (length - digits.count)
    }

    var isZero: Bool { digits.isEmpty }

    /// The value times 10^`decimals`, if that is whole and fits.
    func int64(decimals: Int) -> Int64? {
        if isZero { return 0 }
        let (zeros, overflow) = exponent.addingReportingOverflow(decimals)
        guard !overflow, zeros >= 0, zeros < 19, digits.count + zeros <= 19 else { return nil }
        // Below zero, because Int64.min has no positive counterpart.
        var value: Int64 = 0
        for place in 0..<(digits.count + zeros) {
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = place < digits.count ? Int64(digits[place]) : 0
            let (next, overflow2) = tenfold.subtractingReportingOverflow(digit)
            if overflow || overflow2 { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// Appends the one text of this value, in the form ECMAScript (and so RFC 8785) gives to a number, but with all of
    /// its digits: `100`, `0.5`, `1e+21`, `1.5e-7`. At most 27 bytes longer than the digits.
    func write(into bytes: inout [UInt8]) {
        guard !isZero else { return bytes.append(UInt8(ascii: "0")) }
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        let ascii = digits.map { $0 + UInt8(ascii: "0") }
        let point = digits.count + exponent
        switch point {
        case 1...21 where point >= digits.count:
            bytes += ascii
            bytes += repeatElement(UInt8(ascii: "0"), count: point - digits.count)
        case 1...21:
            bytes += ascii[..<point]
            bytes.append(UInt8(ascii: "."))
            bytes += ascii[point...]
        case -5...0:
            bytes += "0.".utf8
            bytes += repeatElement(UInt8(ascii: "0"), count: -point)
            bytes += ascii
        default:
            bytes.append(ascii[0])
            if ascii.count > 1 {
                bytes.append(UInt8(ascii: "."))
                bytes += ascii[1...]
            }
            bytes += point > 0 ? "e+".utf8 : "e-".utf8
            bytes += String((point - 1).magnitude).utf8
        }
    }
}

/// Adds up what stands after the `e` of a number.
private struct ExponentReader {
    private static let limit = 1_000_000_000_000_000

    private var magnitude = 0
    private var isNegative = false

    var value: Int { isNegative ? -magnitude : magnitude }

    mutating func take(_ byte: UInt8) {
        if byte == UInt8(ascii: "-") { isNegative = true }
        guard byte.isDigit, magnitude < Self.limit else { return }
        magnitude = magnitude * 10 + Int(byte - UInt8(ascii: "0"))
    }
}

extension UInt8 {
    @inline(__always)
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
