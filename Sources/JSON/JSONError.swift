/// Why bytes are not JSON: what is wrong and where. It carries nothing of the content, so it is safe to log.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Sendable, CaseIterable {
        /// Nothing, or nothing but white space.
        case empty
        /// The input ends before the closing bracket, quote or literal is complete.
        case endsEarly
        case byteOrderMark
        case invalidUTF8
        case controlCharacter
        case nulByte
        case invalidEscape
        /// `\u` half of a surrogate pair without its other half.
        case loneSurrogate
        case invalidNumber
        /// Neither a 64-bit integer nor a finite `Double` other than zero can stand for the number.
        case numberOutOfRange
        case duplicateName
        case tooDeep
        case expectedValue
        case expectedName
        case expectedColon
        case expectedComma
        case trailingBytes
    }

    /// What is wrong, for programs.
    public let reason: Reason

    /// The first byte that is wrong, from 0; the number of bytes when the end came too early.
    public let offset: Int

    /// The line of that byte, from 1.
    public let line: Int

    /// More bytes could make this a valid document, so a writer may not have finished: whoever reads a file that is
    /// still being written waits instead of refusing it.
    public var isIncomplete: Bool { reason == .empty || reason == .endsEarly }

    /// What is wrong, where, and what to do, in whole sentences.
    public var description: String { "\(summary) \(fix)" }

    /// A whole sentence: what is wrong and where.
    public var summary: String {
        reason == .empty ? "The JSON is empty." : "The JSON is wrong at byte \(offset) (line \(line)): \(problem)."
    }

    private var problem: String {
        switch reason {
        case .empty: "there is nothing in it"
        case .endsEarly: "it ends before it is complete"
        case .byteOrderMark: "it begins with a byte order mark"
        case .invalidUTF8: "a byte sequence is not UTF-8"
        case .controlCharacter: "a control character stands in a string"
        case .nulByte: "there is a NUL byte"
        case .invalidEscape: "an escape sequence is unknown or malformed"
        case .loneSurrogate: "a \\u escape is one half of a surrogate pair without the other"
        case .invalidNumber: "a number is malformed"
        case .numberOutOfRange: "a number is too large or too small to be represented"
        case .duplicateName: "an object has this name twice"
        case .tooDeep: "arrays and objects are nested too deeply"
        case .expectedValue: "a value was expected"
        case .expectedName: "the name of a member, in double quotes, was expected"
        case .expectedColon: "a colon was expected after the name"
        case .expectedComma: "a comma or the closing bracket was expected"
        case .trailingBytes: "something follows the end of the document"
        }
    }

    /// A whole sentence: what to do.
    public var fix: String {
        switch reason {
        case .empty, .endsEarly: "Write the whole document, then rename it into place."
        case .byteOrderMark: "Save it as UTF-8 without a byte order mark."
        case .invalidUTF8: "Save it as UTF-8."
        case .controlCharacter: "Write it as an escape, such as \\n or \\u0009."
        case .nulByte: "Write the document again; NUL bytes are often what a power cut left of a file."
        case .invalidEscape: "Use one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits."
        case .loneSurrogate: "Write both halves, or the character itself in UTF-8."
        case .invalidNumber: "Write it as in 0, -12.5 or 1e3: digits on both sides of a point and no leading zeros."
        case .numberOutOfRange: "Send it as a string."
        case .duplicateName: "Remove one of the two members."
        case .tooDeep: "Flatten the document."
        case .expectedValue: "Put a string, number, object, array, true, false or null here."
        case .expectedName: "Put a name here, or remove the comma before it."
        case .expectedColon: "Write \"name\": value."
        case .expectedComma: "Separate members and elements by commas and close each bracket."
        case .trailingBytes: "Keep one document in each file."
        }
    }
}
