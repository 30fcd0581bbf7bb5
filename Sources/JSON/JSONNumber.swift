/// A JSON number as it was written; what it is worth is worked out exactly when asked for.
public struct JSONNumber: Sendable {
    /// The source, valid by RFC 8259, section 6.
    public let text: String

    init(validText text: String) {
        self.text = text
    }

    /// The number that an integer is.
    public init(_ value: Int64) {
        text = String(value)
    }

    /// The number, if it is whole and fits 64 bits: `5`, `5.0`, `50e-1` and `5e2` are whole, `5.5` is not.
    public var int64: Int64? { int64(decimals: 0) }

    /// The number times 10 to the power of `decimals`, if that is whole and fits 64 bits: `19.25` has the value 192500
    /// at four decimals and none at one. It is exact: no `Double` takes part.
    public func int64(decimals: Int) -> Int64? {
        if decimals == 0, let value = shortInteger { return value }
        return JSONDecimal(text).int64(decimals: decimals)
    }

    /// The nearest `Double`; `nil` if that would be infinite, which no number that was read is.
    public var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The common case, an integer of up to 18 digits, which cannot overflow.
    private var shortInteger: Int64? {
        guard text.utf8.count <= 18 else { return nil }
        let negative = text.utf8.first == UInt8(ascii: "-")
        // By index: iterating over the string takes more than twice as long.
        let bytes = text.utf8.span
        var value: Int64 = 0
        for index in (negative ? 1 : 0)..<bytes.count {
            guard bytes[index].isDigit else { return nil }
            value = value * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
        }
        return negative ? -value : value
    }
}
