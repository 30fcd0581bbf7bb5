/// Writes JSON into one array of bytes, with no white space; commas come by themselves.
///
/// The caller keeps brackets and names in order; what it writes in order is valid JSON. A writer that is `reset`
/// keeps its memory, so one of them can serve a whole thread without allocating.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter count: how many bytes to make room for at once.
    public init(reserving count: Int = 0) {
        bytes.reserveCapacity(count)
    }

    /// Starts again with nothing written.
    public mutating func reset(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        needsComma = false
    }

    /// Ends a line of JSON Lines; the next value is a document of its own.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// Opens an object, as a value.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    /// Closes the object opened last.
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    /// Opens an array, as a value.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    /// Closes the array opened last.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) { quote(name, isName: true) }

    /// The name of the member whose value is written next, one that needs no escapes.
    public mutating func name(constant name: StaticString) {
        name.withUTF8Buffer { bytes in
            assert(unsafe JSONEscape.isPlain(bytes))
            unsafe quotePlain(bytes, isName: true)
        }
    }

    /// A string, escaped where RFC 8259, section 7, demands it and nowhere else.
    public mutating func string(_ text: String) { quote(text, isName: false) }

    /// A number, in full.
    public mutating func integer(_ value: Int64) {
        separate()
        appendInteger(value)
    }

    /// A number, in full.
    public mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes += value ? "true".utf8 : "false".utf8
    }

    /// `null`.
    public mutating func null() {
        separate()
        bytes += "null".utf8
    }

    /// A value that is JSON already; it is written as it is and not checked.
    public mutating func raw(_ json: [UInt8]) { raw(json[...]) }

    /// A value that is JSON already; it is written as it is and not checked.
    public mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        bytes += json
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func number(_ value: JSONDecimal) {
        separate()
        value.write(into: &bytes)
    }

    private mutating func appendInteger(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    private mutating func appendDigits(_ value: UInt64) {
        if value > 9 { appendDigits(value / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    private mutating func quote(_ text: String, isName: Bool) {
        var text = text
        text.withUTF8 { utf8 in
            if unsafe JSONEscape.isPlain(utf8) { return unsafe quotePlain(utf8, isName: isName) }
            unsafe JSONEscape.escaped(utf8).withUnsafeBufferPointer { unsafe quotePlain($0, isName: isName) }
        }
    }

    /// The comma, the quotes and, behind a name, the colon. Room is looked for once for all of them, and the text is copied
    /// as one piece: an invoice has forty names and strings, and byte by byte they were 16,000 of its 312,000 instructions.
    private mutating func quotePlain(_ text: UnsafeBufferPointer<UInt8>, isName: Bool) {
        let isNext = needsComma
        bytes.append(addingCapacity: text.count + 4) { output in
            if isNext { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            unsafe output.withUnsafeMutableBufferPointer { room, count in
                count = unsafe room.extracting(count...).initialize(fromContentsOf: text) + count
            }
            output.append(UInt8(ascii: "\""))
            if isName { output.append(UInt8(ascii: ":")) }
        }
        needsComma = !isName
    }
}
