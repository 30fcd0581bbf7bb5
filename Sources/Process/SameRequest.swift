internal import JSON

/// Whether two files ask for the same invoice.
public enum SameRequest {
    /// The bytes, or the same JSON value.
    public static func holds(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        if a == b { return true }
        guard let first = try? JSONReader.read(a), let second = try? JSONReader.read(b) else { return false }
        return first.isSame(as: second)
    }
}
