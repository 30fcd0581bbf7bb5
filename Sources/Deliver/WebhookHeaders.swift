public import Times

/// The headers of one attempt.
public enum WebhookHeaders {
    /// The lines `Name: value`, without line ends: Billhook's own, then the signatures if the subscription has a key to
    /// sign with (Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`), then the user's.
    ///
    /// - Parameters:
    ///   - attempt: from 1, over all rounds.
    ///   - body: exactly the bytes that are sent.
    ///   - now: the moment of this attempt; receivers accept it for five minutes.
    ///   - version: Billhook's version, for `User-Agent`.
    public static func make(
        subscription: Subscription, event: String, deliveryID: String, attempt: Int, body: [UInt8], now: Timestamp,
        version: String
    ) -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(9 + subscription.headers.count)
        lines.append("Content-Type: application/json")
        // Added up, since an interpolation makes room twice.
        lines.append("User-Agent: Billhook/" + version)
        lines.append("X-Event-Type: " + event)
        lines.append("X-Delivery-ID: " + deliveryID)
        lines.append("X-Attempt: " + String(attempt))
        lines += subscription.signing.headers(id: deliveryID, body: body, now: now)
        for header in subscription.headers { lines.append(header.line) }
        return lines
    }
}
