/// A name and its value in one call.
extension JSONWriter {
    /// A string.
    public mutating func member(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    /// A number.
    public mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        integer(value)
    }

    /// A number.
    public mutating func member(_ name: String, _ value: Int) {
        member(name, Int64(value))
    }

    /// `true` or `false`.
    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    /// A value that is JSON already; it is not checked.
    public mutating func member(_ name: String, raw json: [UInt8]) {
        self.name(name)
        raw(json)
    }
}
