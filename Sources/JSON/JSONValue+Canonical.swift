/// One text for equal values, by which content is compared and keys are derived.
extension JSONValue {
    /// The value with members sorted by the UTF-8 bytes of their names, no white space, the fewest escapes, and each
    /// number in one form: `1`, `1.0` and `10e-1` are `1`, `-0` is `0`, `1e300` keeps its exponent.
    ///
    /// It differs from RFC 8785 in two points: names are sorted by UTF-8, not UTF-16, and numbers keep all of their
    /// digits. Keys are derived from these bytes, so they must never change.
    public func canonical() -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        write(canonicallyInto: &writer)
        return writer.bytes
    }

    /// Both say the same, however they are written.
    public func isSame(as other: JSONValue) -> Bool {
        canonical() == other.canonical()
    }

    private func write(canonicallyInto writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let truth): writer.bool(truth)
        case .number(let number): writer.number(JSONDecimal(number.text))
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(canonicallyInto: &writer) }
            writer.endArray()
        case .object(let object):
            writer.beginObject()
            let sorted = object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            for member in sorted {
                writer.name(member.name)
                member.value.write(canonicallyInto: &writer)
            }
            writer.endObject()
        }
    }
}
