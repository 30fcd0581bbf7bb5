public import Times

/// The headers of one attempt.
public enum WebhookHeaders {
    /// Names and values: Billhook's own, then the signatures if the subscription has a key to
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
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "User-Agent", value: "Billhook/" + version),
            (name: "X-Event-Type", value: event),
            (name: "X-Delivery-ID", value: deliveryID),
            (name: "X-Attempt", value: String(attempt)),
        ]
        headers += subscription.signing.headers(id: deliveryID, body: body, now: now)
        for header in subscription.headers { headers.append((header.name, header.value)) }
        return headers
    }
}
