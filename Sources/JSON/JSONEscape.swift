/// What RFC 8259, section 7, demands of a string's bytes: no control character, quote or backslash stands for itself.
enum JSONEscape {
    /// Whether the bytes stand for themselves, all of them.
    ///
    /// Nearly all do, so they are looked through eight at a time, without a branch for each.
    static func isPlain(_ text: Span<UInt8>) -> Bool {
        let bytes = unsafe text.bytes
        let count = bytes.byteCount
        if count < 8 { return text.indices.allSatisfy { !isNeeded(for: text[$0]) } }
        var index = 0
        while index < count - 8 {
            if isNeeded(inOneOf: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)) {
                return false
            }
            index += 8
        }
        // The last eight, of which some may have been seen.
        return !isNeeded(inOneOf: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: count - 8, as: UInt64.self))
    }

    /// The bytes with an escape for each that needs one, the short form where there is one.
    static func escaped(_ text: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + 16)
        for index in text.indices {
            let byte = text[index]
            if isNeeded(for: byte) { append(byte, to: &output) } else { output.append(byte) }
        }
        return output
    }

    private static func isNeeded(for byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Whether one of eight bytes needs an escape. Taking n off a byte that is less sets its high bit; the bytes above it lend
    /// to it and may be mistaken then, when there is one already. A byte that equals `"` is less than 1 after an exclusive or.
    static func isNeeded(inOneOf eight: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        func less(_ bytes: UInt64, than limit: UInt64) -> UInt64 { (bytes &- ones &* limit) & ~bytes }
        let quote = eight ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = eight ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let needed = less(eight, than: 0x20) | less(quote, than: 1) | less(backslash, than: 1)
        return needed & (ones &* 0x80) != 0
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x00..<0x20:
            output += "u00".utf8
            output.append(UInt8(ascii: "0") + byte >> 4)
            output.append(byte & 0xF < 10 ? UInt8(ascii: "0") + byte & 0xF : UInt8(ascii: "a") + byte & 0xF - 10)
        default: output.append(byte)
        }
    }
}
