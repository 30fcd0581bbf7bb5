/// Reads JSON as RFC 8259 defines it and nothing else: no comments, no duplicate names, no repaired text.
///
/// It is strict because what is read here is billed: Foundation's decoder accepts duplicate names and rounds large
/// numbers, so two readers of one file could see two amounts.
public enum JSONReader {
    /// No caller gets deeper than this, whatever it asks for: reading and releasing a value use the stack.
    private static let deepest = 512

    /// Reads the one document that `bytes` are.
    ///
    /// - Parameter maximumDepth: how many arrays and objects may be open at once; more than 512 counts as 512.
    /// - Throws: `JSONError` at the first byte that is wrong. It is `isIncomplete` for every proper prefix of a valid
    ///   document, except that a prefix of a bare number can be a number (`1` of `12`).
    public static func read(_ bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, maximumDepth: min(maximumDepth, deepest))
        return try parser.document()
    }
}
