/// The query of a URL, in which a receiver may want a token: nothing of it is to be kept or shown.
enum URLQuery {
    /// The whole query and each of its values, as written and with their escapes undone.
    static func values(of url: String) -> [[UInt8]] {
        let query = url.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst().prefix { $0 != UInt8(ascii: "#") }
        var values = [Array(query)]
        for pair in query.split(separator: UInt8(ascii: "&")) {
            let value = Array(pair.drop { $0 != UInt8(ascii: "=") }.dropFirst())
            let plain = unescaped(value)
            values += value == plain ? [value] : [value, plain]
        }
        return values
    }

    /// As a receiver reads a form: `+` is a space, and what is no escape stays as it is.
    private static func unescaped(_ value: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(value.count)
        var at = 0
        while at < value.count {
            let digits = value.dropFirst(at + 1).prefix(2)
            if value[at] == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy(ASCII.isHexDigit),
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                plain.append(byte)
                at += 3
            } else {
                plain.append(value[at] == UInt8(ascii: "+") ? 0x20 : value[at])
                at += 1
            }
        }
        return plain
    }
}
