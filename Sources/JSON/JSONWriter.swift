internal import Times

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
        let comma = separator(isName: true)
        put(atMost: name.utf8CodeUnitCount + 4) { pen in pen.name(name, behind: comma) }
    }

    /// A string, escaped where RFC 8259, section 7, demands it and nowhere else.
    public mutating func string(_ text: String) { quote(text, isName: false) }

    /// A number, in full.
    public mutating func integer(_ value: Int64) {
        let comma = separator()
        put(atMost: 21) { pen in
            if comma { pen.byte(UInt8(ascii: ",")) }
            pen.integer(value)
        }
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

    /// Whether a comma comes before what is written next. Behind a name comes none.
    private mutating func separator(isName: Bool = false) -> Bool {
        defer { needsComma = !isName }
        return needsComma
    }

    private mutating func quote(_ text: String, isName: Bool) {
        let utf8 = text.utf8.span
        guard JSONEscape.isPlain(utf8) else { return quoteEscaped(JSONEscape.escaped(utf8), isName: isName) }
        quotePlain(utf8, isName: isName)
    }

    private mutating func quoteEscaped(_ text: [UInt8], isName: Bool) { quotePlain(text.span, isName: isName) }

    private mutating func quotePlain(_ text: Span<UInt8>, isName: Bool) {
        let comma = separator(isName: isName)
        put(atMost: text.count + 4) { pen in
            if comma { pen.byte(UInt8(ascii: ",")) }
            pen.quoted(text)
            if isName { pen.byte(UInt8(ascii: ":")) }
        }
    }

    /// A name and a string: what ``name(constant:)`` and ``string(_:)`` write.
    mutating func pair(_ name: StaticString, _ text: String) {
        let utf8 = text.utf8.span
        guard JSONEscape.isPlain(utf8) else {
            self.name(constant: name)
            return quoteEscaped(JSONEscape.escaped(utf8), isName: false)
        }
        let comma = separator()
        put(atMost: name.utf8CodeUnitCount + utf8.count + 6) { pen in
            pen.name(name, behind: comma)
            pen.quoted(utf8)
        }
    }

    /// A name and a moment.
    mutating func pair(_ name: StaticString, _ moment: Timestamp) {
        let comma = separator()
        let text = moment.iso8601Bytes
        put(atMost: name.utf8CodeUnitCount + text.count + 6) { pen in
            pen.name(name, behind: comma)
            pen.quoted(text.span)
        }
    }

    /// A name and a number.
    mutating func pair(_ name: StaticString, _ value: Int64) {
        let comma = separator()
        put(atMost: name.utf8CodeUnitCount + 24) { pen in
            pen.name(name, behind: comma)
            pen.integer(value)
        }
    }

    /// Room is looked for once for all that is written together: an invoice has forty names and values, and byte by byte they
    /// were 16,000 of its 312,000 instructions.
    @inline(__always)
    private mutating func put(atMost count: Int, _ write: (inout Pen) -> Void) {
        bytes.append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, end in
                guard let start = room.baseAddress else { return }
                var pen = unsafe Pen(place: start + end)
                write(&pen)
                end = unsafe pen.place - start
                assert(end <= room.count)
            }
        }
    }
}

/// Writes bytes where there is room for them, which whoever holds it has seen to.
@safe private struct Pen {
    var place: UnsafeMutablePointer<UInt8>

    mutating func byte(_ byte: UInt8) {
        unsafe place.pointee = byte
        unsafe place += 1
    }

    mutating func bytes(_ text: UnsafePointer<UInt8>?, count: Int) {
        guard let text = unsafe text, count > 0 else { return }
        unsafe place.update(from: text, count: count)
        unsafe place += count
    }

    @inline(__always)
    mutating func quoted(_ text: Span<UInt8>) {
        byte(UInt8(ascii: "\""))
        unsafe text.withUnsafeBufferPointer { unsafe bytes($0.baseAddress, count: $0.count) }
        byte(UInt8(ascii: "\""))
    }

    @inline(__always)
    mutating func name(_ name: StaticString, behind comma: Bool) {
        assert(
            unsafe JSONEscape.isPlain(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).span))
        if comma { byte(UInt8(ascii: ",")) }
        byte(UInt8(ascii: "\""))
        unsafe bytes(name.utf8Start, count: name.utf8CodeUnitCount)
        byte(UInt8(ascii: "\""))
        byte(UInt8(ascii: ":"))
    }

    mutating func integer(_ value: Int64) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        var count = 1
        var rest = value.magnitude
        while rest > 9 {
            rest /= 10
            count += 1
        }
        rest = value.magnitude
        for index in stride(from: count - 1, through: 0, by: -1) {
            unsafe place[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        unsafe place += count
    }
}
