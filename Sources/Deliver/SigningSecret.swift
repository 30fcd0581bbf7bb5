import Crypto
import Hashing

/// The key that signs a subscriber's webhooks: `whsec_` and the padded base64 of 24 to 64 bytes, as the Standard Webhooks
/// specification has it.
///
/// It never shows itself: not in a description, a dump, a mirror or an error.
public struct SigningSecret: Sendable, Equatable {
    private let key: SymmetricKey
    /// The code with its key taken in, to be copied for each message: of 104,000 instructions that it took to sign a webhook
    /// twice, taking in the key was 30,000.
    private let code: HMAC<SHA256>

    /// Reads a secret as it stands in a subscription file; white space around it is not accepted.
    ///
    /// - Throws: ``SigningSecretError``, which says what is wrong with the form and never quotes it.
    public init(_ text: String) throws(SigningSecretError) {
        guard !text.isEmpty else { throw .empty }
        guard !text.hasPrefix(SigningKeyPair.publicPrefix) else { throw .publicKey }
        guard text.hasPrefix("whsec_") else { throw .prefix }
        guard let bytes = Base64.bytes(text.utf8.dropFirst(6)) else { throw .base64 }
        guard bytes.count >= 24 else { throw .short }
        guard bytes.count <= 64 else { throw .long }
        key = SymmetricKey(data: bytes)
        code = HMAC(key: key)
    }

    /// A new secret of 32 random bytes from the system's generator, in the form that `init(_:)` reads.
    public static func generate() -> String {
        var generator = SystemRandomNumberGenerator()
        return "whsec_" + Base64.text((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`.
    ///
    /// - Parameters:
    ///   - id: the value of `webhook-id`, without a dot.
    ///   - timestamp: Unix seconds of this attempt, the value of `webhook-timestamp`.
    ///   - body: exactly the bytes that are sent.
    public func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        var code = code
        code.update(data: Array("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return unsafe "v1," + code.finalize().withUnsafeBytes { unsafe Base64.text($0) }
    }

    /// The value of `X-Signature`: `sha256=` and the hexadecimal HMAC-SHA256 over the body alone.
    public func bodySignature(_ body: [UInt8]) -> String {
        var code = code
        code.update(data: body)
        return unsafe "sha256=" + code.finalize().withUnsafeBytes { unsafe ContentHash.hex(Array($0)) }
    }

    public static func == (a: SigningSecret, b: SigningSecret) -> Bool { a.key == b.key }
}

extension SigningSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(a secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
