/// Why a text is no key to sign with.
public enum SigningSecretError: Error, Sendable, CaseIterable {
    /// Nothing there.
    case empty
    /// It begins neither `whsec_` nor `whsk_`.
    case prefix
    /// A `whpk_` key, with which a receiver verifies; nothing can be signed with it.
    case publicKey
    /// What follows the prefix is not strict, padded base64.
    case base64
    /// A `whsec_` secret of fewer than 24 bytes.
    case short
    /// A `whsec_` secret of more than 64 bytes.
    case long
    /// A `whsk_` key of neither 32 nor 64 bytes.
    case seed
    /// A `whsk_` key of 64 bytes whose second half is not the public key of the first.
    case mismatch

    /// What is wrong, to follow the name of a field: `is empty`.
    public var problem: String {
        switch self {
        case .empty: "is empty"
        case .prefix: "does not begin with whsec_ or whsk_"
        case .publicKey: "is a public key (whpk_), which verifies and can't sign"
        case .base64: "is not padded base64 after its prefix"
        case .short: "has fewer than 24 bytes, which is too weak"
        case .long: "has more than 64 bytes"
        case .seed: "is a whsk_ key that has neither 32 bytes (a seed) nor 64 (seed and public key)"
        case .mismatch: "is a whsk_ key whose public half does not belong to its seed"
        }
    }

    /// What to do about it, without the secret.
    public var fix: String {
        switch self {
        case .publicKey, .seed, .mismatch:
            "use whsk_ and the base64 of the 32 secret bytes of an ed25519 key, such as `billhook subscribe --asymmetric` makes"
        case .empty, .prefix, .base64, .short, .long:
            "use whsec_ and the base64 of 24 to 64 random bytes, such as `billhook subscribe` makes"
        }
    }
}

extension SigningSecretError: CustomStringConvertible {
    public var description: String { "The secret \(problem); \(fix)." }
}
