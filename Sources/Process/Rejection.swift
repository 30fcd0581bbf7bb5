internal import JSON

/// Why a request is no invoice request: what the `.error` sidecar says.
///
/// The texts name fields and never show what they hold, so they are safe in logs and sidecars.
public struct Rejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of rejection; a program may rely on their names.
    public enum Kind: String, Sendable, CaseIterable {
        /// Empty, or JSON that ends before its closing bracket: perhaps a writer has not finished.
        case incomplete
        case malformedJSON = "malformed_json"
        case notAnObject = "not_an_object"
        case missingField = "missing_field"
        case invalidField = "invalid_field"
        case amountDisagrees = "amount_disagrees"
        /// An amount that 64 bits do not hold.
        case overflow
        /// More bytes than a request may have.
        case tooLarge = "too_large"
        /// The file's mode or owner forbids reading it.
        case unreadable
    }

    /// What `code` names, to switch over.
    public let kind: Kind
    /// A whole sentence: the field, and what is wrong with it.
    public let message: String
    /// A whole sentence: what to do.
    public let hint: String

    /// - Parameters:
    ///   - message: a whole sentence without anything of the content.
    ///   - hint: a whole sentence: what to do.
    public init(_ kind: Kind, _ message: String, hint: String) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    /// The kind by its name in `.error` sidecars and events.
    public var code: String { kind.rawValue }

    /// A writer may not have finished: wait for it before refusing the file.
    public var isIncomplete: Bool { kind == .incomplete }

    /// Message and hint.
    public var description: String { "\(message) \(hint)" }

    init(_ error: JSONError) {
        self.init(error.isIncomplete ? .incomplete : .malformedJSON, error.summary, hint: error.fix)
    }

    static func missing(_ field: String, hint: String) -> Rejection {
        Rejection(.missingField, "The field `\(field)` is missing.", hint: hint)
    }

    static func invalid(_ field: String, _ problem: String, hint: String) -> Rejection {
        Rejection(.invalidField, "The field `\(field)` \(problem).", hint: hint)
    }

    static func overflow(_ field: String, _ what: String) -> Rejection {
        Rejection(
            .overflow, "\(what) \(field == "lines" ? "of all `lines`" : "of `\(field)`") does not fit 64 bits.",
            hint: "Check quantities and amounts; amounts are in cents.")
    }
}
