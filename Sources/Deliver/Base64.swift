/// Base64 with the standard alphabet and padding (RFC 4648, section 4), strict in what it reads.
///
/// Strict, because the Standard Webhooks libraries of different languages disagree about sloppy input: a secret that one
/// decodes and another refuses, or decodes to other bytes, shows up as signatures that never match.
enum Base64 {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.underestimatedCount + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { output.append(digit(group >> shift & 63)) }
                group = 0
                held = 0
            }
        }
        if held == 1 {
            output.append(contentsOf: [digit(group >> 2), digit(group << 4 & 63), padding, padding])
        } else if held == 2 {
            output.append(contentsOf: [digit(group >> 10), digit(group >> 4 & 63), digit(group << 2 & 63), padding])
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The bytes, or `nil` for a foreign character, missing or superfluous padding, or bits that encode nothing.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        let all = Array(text)
        guard all.count % 4 == 0 else { return nil }
        let paddings = all.suffix(2).reversed().prefix { $0 == padding }.count
        var output: [UInt8] = []
        output.reserveCapacity(all.count / 4 * 3)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for character in all.dropLast(paddings) {
            guard let value = value(of: character) else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= 1 << bits - 1
            }
        }
        return group == 0 ? output : nil
    }

    private static let padding = UInt8(ascii: "=")

    private static func digit(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(of character: UInt8) -> UInt32? {
        if ASCII.isUppercase(character) { return UInt32(character - UInt8(ascii: "A")) }
        if ASCII.isLowercase(character) { return UInt32(character - UInt8(ascii: "a")) + 26 }
        if ASCII.isDigit(character) { return UInt32(character - UInt8(ascii: "0")) + 52 }
        return character == UInt8(ascii: "+") ? 62 : character == UInt8(ascii: "/") ? 63 : nil
    }
}
