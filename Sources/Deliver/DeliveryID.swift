import Hashing

/// The id of a delivery, `dlv_` and 32 hexadecimal digits: a receiver recognises a repeated webhook by it.
public enum DeliveryID {
    /// The id of an event's delivery to a subscription: a hash, so that it is the same at every attempt, after a crash and
    /// in a replay, and contains no dot, which Standard Webhooks keeps for itself in the signed text.
    ///
    /// - Parameter eventID: what identifies the event, such as the type and the invoice's id.
    public static func derive(eventID: String, subscription: String) -> String {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        var text: [UInt8] = []
        text.reserveCapacity(24 + eventID.utf8.count + subscription.utf8.count)
        text += "billhook delivery ".utf8
        text += String(eventID.utf8.count).utf8
        text.append(UInt8(ascii: " "))
        text += eventID.utf8
        text.append(UInt8(ascii: " "))
        text += subscription.utf8
        return ContentHash.id("dlv_", of: text)
    }
}
