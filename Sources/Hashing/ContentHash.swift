internal import Crypto

/// SHA-256 over bytes in memory.
public enum ContentHash {
    /// The 32 bytes of the digest (FIPS 180-4).
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes).withUnsafeBytes { unsafe Array($0) }
    }

    /// An id that is made of what it stands for: a prefix and the first 16 bytes of the digest, in 32 digits.
    public static func id(_ prefix: String, of bytes: [UInt8]) -> String {
        unsafe digest(bytes).withUnsafeBytes { unsafe hex($0, first: 16, behind: prefix) }
    }

    /// Two lower-case digits for each byte.
    public static func hex(_ bytes: [UInt8]) -> String {
        unsafe bytes.withUnsafeBytes { unsafe hex($0, first: bytes.count) }
    }

    /// The first eight hexadecimal digits: enough to tell names apart, never enough to be sure that contents are equal.
    public static func short(_ bytes: [UInt8]) -> String {
        unsafe digest(bytes).withUnsafeBytes { unsafe hex($0, first: 4) }
    }

    private static func digest(_ bytes: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return hash.finalize()
    }

    /// Written to where the string keeps it: by way of arrays and a `+`, an invoice's three took 6,000 instructions.
    private static func hex(_ bytes: UnsafeRawBufferPointer, first count: Int, behind prefix: String = "") -> String {
        unsafe String(unsafeUninitializedCapacity: prefix.utf8.count + 2 * count) { text in
            let start = unsafe text.initialize(from: prefix.utf8).index
            for index in 0..<count {
                let byte = unsafe bytes[index]
                unsafe text[start &+ 2 &* index] = digit(byte >> 4)
                unsafe text[start &+ 2 &* index &+ 1] = digit(byte & 0xF)
            }
            return start + 2 * count
        }
    }

    /// Without a branch or a trap, so that the compiler makes many at a time.
    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble &+ UInt8(ascii: "0") &+ ((9 &- nibble) >> 7) &* (UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
    }
}
