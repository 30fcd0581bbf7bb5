public import Times

/// The keys that sign a subscription's webhooks, several of them while one takes the place of another.
///
/// All that are in force at the moment of an attempt sign it, so a receiver that knows any of them can verify: that is how
/// the Standard Webhooks specification has secrets rotated.
public struct Signing: Sendable, Equatable {
    /// One key, and when it is in force.
    public struct Entry: Sendable, Equatable {
        /// What it signs with.
        public let key: Key
        /// It is in force from this moment on; `nil` for always.
        public let notBefore: Timestamp?
        /// It is in force up to and including this moment; `nil` for ever.
        public let notAfter: Timestamp?

        /// An entry of given parts; that one moment is not after the other is for its reader to check.
        public init(_ key: Key, notBefore: Timestamp? = nil, notAfter: Timestamp? = nil) {
            self.key = key
            self.notBefore = notBefore
            self.notAfter = notAfter
        }

        /// The public half of a key pair, `whpk_…`.
        public var publicKey: String? {
            if case .pair(let pair) = key { pair.publicKey } else { nil }
        }

        /// Whether it signs at a moment.
        public func isInForce(at now: Timestamp) -> Bool {
            notBefore.map { $0 <= now } ?? true && notAfter.map { now <= $0 } ?? true
        }
    }

    /// A key of either kind.
    public enum Key: Sendable, Equatable {
        /// HMAC-SHA256, signature version `v1`; the receiver knows the same secret.
        case shared(SigningSecret)
        /// ed25519, signature version `v1a`; the receiver knows the public key.
        case pair(SigningKeyPair)

        /// Reads a key by its prefix, `whsec_` or `whsk_`. Throws ``SigningSecretError``, which never quotes it.
        public init(_ text: String) throws(SigningSecretError) {
            self =
                text.hasPrefix(SigningKeyPair.privatePrefix)
                ? .pair(try SigningKeyPair(text)) : .shared(try SigningSecret(text))
        }
    }

    /// In the file's order.
    public let entries: [Entry]

    /// The most keys in one subscription: each makes every webhook's header block longer by up to 93 bytes.
    public static let maximumEntries = 10

    /// Nothing is signed.
    public static let none = Signing([])

    public init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// Whether webhooks go unsigned on purpose, as no key is given at all.
    public var isEmpty: Bool { entries.isEmpty }

    /// What receivers verify with, of the keys that have a public half: `whpk_…`.
    public var publicKeys: [String] { entries.compactMap(\.publicKey) }

    /// Why nothing may be sent at a moment: keys are given and none is in force. `nil` if all is well.
    ///
    /// - Parameter subscription: its name, for the message.
    public func lapse(of subscription: String, at now: Timestamp) -> SubscriptionError? {
        guard !isEmpty, !entries.contains(where: { $0.isInForce(at: now) }) else { return nil }
        let problem =
            if let next = entries.compactMap(\.notBefore).filter({ $0 > now }).min() {
                "has no key in force before \(next.iso8601)"
            } else {
                "has no key in force since \(entries.compactMap(\.notAfter).max()?.iso8601 ?? "ever")"
            }
        return SubscriptionError(
            subscription: subscription, field: "secret", problem: problem,
            fix: "its deliveries wait; add a key without not_before and not_after, or with later ones")
    }

    /// The next moment at which a key comes into force or ceases to be; `nil` if there is none.
    public func nextChange(after now: Timestamp) -> Timestamp? {
        var moments: [Timestamp] = []
        for entry in entries {
            if let notBefore = entry.notBefore { moments.append(notBefore) }
            if let notAfter = entry.notAfter { moments.append(notAfter + .nanoseconds(1)) }
        }
        return moments.filter { $0 > now }.min()
    }

    /// The lines that sign an attempt, none if no key is given: `X-Signature` by the first shared secret in force, if there is
    /// one, then `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    ///
    /// Should none be in force, all of them sign: that it is sent was decided a moment ago, and unsigned it would be worse.
    func headers(id: String, body: [UInt8], now: Timestamp) -> [(name: String, value: String)] {
        guard let first = entries.first else { return [] }
        let timestamp = now.unixSeconds
        let keys = entries.count == 1 ? [first.key] : keys(at: now)
        var headers: [(name: String, value: String)] = []
        for case .shared(let secret) in keys {
            headers.append(("X-Signature", secret.bodySignature(body)))
            break
        }
        let signatures = keys.compactMap { $0.signature(id: id, timestamp: timestamp, body: body) }
        headers.append(("webhook-id", id))
        headers.append(("webhook-timestamp", String(timestamp)))
        headers.append(("webhook-signature", signatures.joined(separator: " ")))
        return headers
    }

    private func keys(at now: Timestamp) -> [Key] {
        let inForce = entries.filter { $0.isInForce(at: now) }
        return inForce.isEmpty ? entries.map(\.key) : inForce.map(\.key)
    }
}

extension Signing.Key {
    fileprivate func signature(id: String, timestamp: Int64, body: [UInt8]) -> String? {
        switch self {
        case .shared(let secret): secret.signature(id: id, timestamp: timestamp, body: body)
        case .pair(let pair): pair.signature(id: id, timestamp: timestamp, body: body)
        }
    }
}
