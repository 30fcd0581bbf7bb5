import Crypto

/// An ed25519 key pair (RFC 8032) that signs webhooks for receivers which should be able to verify and not to sign: `whsk_`
/// and the padded base64 of the 32-byte seed, as the Standard Webhooks specification has it. The 64 bytes of seed and public
/// key that other programs keep are taken as well.
///
/// The private half never shows itself: not in a description, a dump, a mirror or an error.
public struct SigningKeyPair: Sendable, Equatable {
    /// What a receiver verifies with, for everybody to see: `whpk_` and the base64 of 32 bytes.
    public let publicKey: String
    private let key: Curve25519.Signing.PrivateKey

    static let privatePrefix = "whsk_"
    static let publicPrefix = "whpk_"

    /// Reads a private key as it stands in a subscription file; white space around it is not accepted.
    ///
    /// - Throws: ``SigningSecretError``, which says what is wrong with the form and never quotes it.
    public init(_ text: String) throws(SigningSecretError) {
        guard !text.isEmpty else { throw .empty }
        guard !text.hasPrefix(SigningKeyPair.publicPrefix) else { throw .publicKey }
        guard text.hasPrefix(SigningKeyPair.privatePrefix) else { throw .prefix }
        guard let bytes = Base64.bytes(text.utf8.dropFirst(5)) else { throw .base64 }
        guard bytes.count == 32 || bytes.count == 64 else { throw .seed }
        do { key = try Curve25519.Signing.PrivateKey(rawRepresentation: Array(bytes[..<32])) } catch { throw .seed }
        let publicBytes = Array(key.publicKey.rawRepresentation)
        guard bytes.count == 32 || Array(bytes[32...]) == publicBytes else { throw .mismatch }
        publicKey = SigningKeyPair.publicPrefix + Base64.text(publicBytes)
    }

    /// A new private key from the system's generator, in the form that `init(_:)` reads.
    public static func generate() -> String {
        privatePrefix + Base64.text(Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    /// One signature for `webhook-signature`: `v1a,` and the base64 of ed25519 over `ID.TIMESTAMP.BODY`; the parameters are those
    /// of ``SigningSecret/signature(id:timestamp:body:)``. `nil` if the system's library fails, which it has no reason to.
    public func signature(id: String, timestamp: Int64, body: [UInt8]) -> String? {
        guard let bytes = try? key.signature(for: Array("\(id).\(timestamp).".utf8) + body) else { return nil }
        return "v1a," + Base64.text(Array(bytes))
    }

    public static func == (a: SigningKeyPair, b: SigningKeyPair) -> Bool { a.publicKey == b.publicKey }
}

extension SigningKeyPair: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(the private key of \(publicKey))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
