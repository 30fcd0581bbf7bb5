/// The few byte classes that the strict readers of this module share.
enum ASCII {
    static let underscore = UInt8(ascii: "_")
    static let newline = UInt8(ascii: "\n")

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    static func isLowercase(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    static func isUppercase(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLowercase(byte) || isUppercase(byte) }
    static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
    }

    /// Printable and not a space: `!` to `~`.
    static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

    /// A text of the user's as it may stand in a message: printable ASCII, at most 60 characters, so that a name can
    /// neither forge a line of a log nor steer a terminal.
    static func quotable(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(60).map { scalar -> String in
            scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7F
                ? String(scalar) : "\\u{" + String(scalar.value, radix: 16) + "}"
        }
        return shown.joined() + (text.unicodeScalars.count > 60 ? "…" : "")
    }
}
