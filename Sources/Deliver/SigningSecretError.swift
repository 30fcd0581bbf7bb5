/// Why a text is no signing secret.
public enum SigningSecretError: Error, Sendable, CaseIterable {
    /// Nothing there.
    case empty
    /// It does not begin `whsec_`.
    case prefix
    /// A `whsk_` or `whpk_` key, for asymmetric signatures, which are not supported yet.
    case asymmetric
    /// What follows the prefix is not strict, padded base64.
    case base64
    /// Fewer than 24 bytes.
    case short
    /// More than 64 bytes.
    case long

    /// What is wrong, to follow the name of a field: `is empty`.
    public var problem: String {
        switch self {
        case .empty: "is empty"
        case .prefix: "does not begin with whsec_"
        case .asymmetric: "is an asymmetric (whsk_ or whpk_) key, which is not supported yet"
        case .base64: "is not padded base64 after whsec_"
        case .short: "has fewer than 24 bytes, which is too weak"
        case .long: "has more than 64 bytes"
        }
    }

    /// What to do about it, without the secret.
    public var fix: String {
        switch self {
        case .asymmetric: "use a whsec_ secret"
        default: "use whsec_ and the base64 of 24 to 64 random bytes, such as `billhook subscribe` makes"
        }
    }
}

extension SigningSecretError: CustomStringConvertible {
    public var description: String { "The secret \(problem); \(fix)." }
}
