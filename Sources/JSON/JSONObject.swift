/// A JSON object: its members in the order of the source, each name once.
public struct JSONObject: Sendable {
    /// One name and its value.
    public struct Member: Sendable {
        /// Unescaped.
        public let name: String
        /// What stands behind the colon.
        public let value: JSONValue
        /// Where the value stands in the bytes that were read, without the white space around it.
        public let source: Range<Int>
    }

    /// In source order.
    public let members: [Member]

    /// The value of that name, or `nil`; a search from the front, meant for objects of a few members.
    public subscript(name: String) -> JSONValue? { member(name)?.value }

    /// The member of that name, or `nil`. Names are the same when their bytes are.
    public func member(_ name: String) -> Member? {
        // By index, so that no member is copied but the one that is found.
        for index in members.indices where members[index].name.hasSameBytes(as: name) { return members[index] }
        return nil
    }
}

extension String {
    /// Swift's `==` finds a Kelvin sign equal to a K and a composed é equal to a decomposed one; two JSON names which
    /// differ so are two names (RFC 8259, section 8.3).
    func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let (bytes, otherBytes) = (utf8.span, other.utf8.span)
        for index in bytes.indices where bytes[index] != otherBytes[index] { return false }
        return true
    }
}
