public import Times

/// A name and its value in one call. The name stands in the source and needs no escapes; any other goes through
/// ``JSONWriter/name(_:)``.
extension JSONWriter {
    /// A string.
    public mutating func member(_ name: StaticString, _ text: String) {
        pair(name, text)
    }

    /// A moment, as ``Timestamp/iso8601`` has it.
    public mutating func member(_ name: StaticString, _ moment: Timestamp) {
        pair(name, moment)
    }

    /// A number.
    public mutating func member(_ name: StaticString, _ value: Int64) {
        pair(name, value)
    }

    /// A number.
    public mutating func member(_ name: StaticString, _ value: Int) {
        member(name, Int64(value))
    }

    /// `true` or `false`.
    public mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(constant: name)
        bool(value)
    }

    /// A value that is JSON already; it is not checked.
    public mutating func member(_ name: StaticString, raw json: [UInt8]) {
        self.name(constant: name)
        raw(json)
    }

    /// A value that is JSON already; it is not checked.
    public mutating func member(_ name: StaticString, raw json: ArraySlice<UInt8>) {
        self.name(constant: name)
        raw(json)
    }
}
