internal import Crypto

/// SHA-256 over bytes in memory.
public enum ContentHash {
    /// The 32 bytes of the digest (FIPS 180-4).
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return unsafe hash.finalize().withUnsafeBytes { unsafe Array($0) }
    }

    /// Two lower-case digits for each byte.
    public static func hex(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 0xF))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first eight hexadecimal digits: enough to tell names apart, never enough to be sure that contents are equal.
    public static func short(_ bytes: [UInt8]) -> String {
        hex(Array(sha256(bytes).prefix(4)))
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
