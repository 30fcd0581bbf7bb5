public import Files

/// The files that stand beside a request, named after it: the request's full name and a suffix.
public enum Sidecar: String, CaseIterable, Sendable {
    /// The webhook attempts and marks, one JSON object a line.
    case attempts
    /// The processed invoice, one JSON object.
    case invoice
    /// Why the request is in dead/, one JSON object.
    case error

    public func fileName(_ key: Key) -> FileName {
        FileName(key.name, suffix)
    }

    /// What stands behind the key.
    var suffix: StaticString {
        switch self {
        case .attempts: ".json.attempts"
        case .invoice: ".json.invoice"
        case .error: ".json.error"
        }
    }
}
