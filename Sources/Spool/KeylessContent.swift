internal import JSON

/// Why a request's content has no key. The texts name fields and never show what they hold.
public struct KeylessContent: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds, by the names that `.error` sidecars have for them.
    public enum Code: String, Sendable, CaseIterable {
        /// Empty, or JSON that ends before its closing bracket.
        case incomplete
        case malformedJSON = "malformed_json"
        case notAnObject = "not_an_object"
        case missingField = "missing_field"
        case invalidField = "invalid_field"
    }

    public let code: Code
    /// A whole sentence: what is wrong.
    public let message: String
    /// A whole sentence: what to do.
    public let hint: String

    /// More bytes could give it a key: a writer may not have finished.
    public var isIncomplete: Bool { code == .incomplete }

    /// Message and hint.
    public var description: String { "\(message) \(hint)" }

    init(_ error: JSONError) {
        self.init(code: error.isIncomplete ? .incomplete : .malformedJSON, message: error.summary, hint: error.fix)
    }

    private init(code: Code, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func notAnObject(_ kind: String, field: String) -> KeylessContent {
        KeylessContent(
            code: .notAnObject,
            message: "The request is \(kind), not an object, so it has no field `\(field)`, from which this spool takes"
                + " its keys.",
            hint: "Write one JSON object with `\(field)`, `customer_id` and `amount_cents` or `lines`.")
    }

    static func missing(_ field: String) -> KeylessContent {
        KeylessContent(
            code: .missingField,
            message: "The field `\(field)` is missing, from which this spool takes its keys.", hint: hint(field))
    }

    static func invalid(_ field: String, _ problem: String) -> KeylessContent {
        KeylessContent(
            code: .invalidField,
            message: "The field `\(field)`, from which this spool takes its keys, \(problem).", hint: hint(field))
    }

    private static func hint(_ field: String) -> String {
        "Give each invoice its own `\(field)`: 1 to 200 letters, digits or . _ ~ @ : + = - that begin with a letter or"
            + " digit."
    }
}
