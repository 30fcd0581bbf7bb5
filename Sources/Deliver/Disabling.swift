import JSON
public import Times

/// That a subscription was disabled, and why: the content of `subscriptions/NAME.disabled`, for people. What counts is
/// that the file stands; removing it enables the subscription again.
public struct Disabling: Sendable, Equatable {
    public enum Reason: String, Sendable, CaseIterable {
        /// The receiver answered 410 Gone.
        case gone
        /// The receiver asked for it by the header `webhook-delivery: disable`.
        case requested
        /// It has failed for too long.
        case failing
    }

    /// The subscription's name.
    public let subscription: String
    public let reason: Reason
    /// When it was disabled, in whole milliseconds.
    public let at: Timestamp
    /// Since when it had been failing without a success between; `nil` if that is not why.
    public let failingSince: Timestamp?

    public init(subscription: String, reason: Reason, at: Timestamp, failingSince: Timestamp? = nil) {
        self.subscription = subscription
        self.reason = reason
        self.at = at.roundedDownToMillisecond
        self.failingSince = failingSince?.roundedDownToMillisecond
    }

    /// Why, as a whole sentence.
    public var sentence: String {
        switch reason {
        case .gone: "Its receiver answered 410 Gone."
        case .requested: "Its receiver asked for it: webhook-delivery: disable."
        case .failing:
            "Every attempt has failed since \(failingSince?.iso8601 ?? "a long time ago")."
        }
    }

    /// One JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("at", at)
        writer.member("code", reason.rawValue)
        writer.member("reason", sentence)
        if let failingSince { writer.member("failing_since", failingSince) }
        writer.member(
            "hint",
            "Once the receiver is well, remove this file to enable the subscription again; what it missed is delivered by:"
                + " billhook retry --subscription \(subscription)")
        writer.endObject()
        return writer.bytes + [ASCII.newline]
    }

    /// Reads what `encoded` wrote; `nil` for anything else: a person may disable a subscription by an empty file.
    public static func read(subscription: String, _ bytes: [UInt8]) -> Disabling? {
        guard let object = (try? JSONReader.read(bytes))?.object,
            let at = object["at"]?.string.flatMap({ Timestamp(iso8601: $0) }),
            let reason = object["code"]?.string.flatMap(Reason.init)
        else { return nil }
        return Disabling(
            subscription: subscription, reason: reason, at: at,
            failingSince: object["failing_since"]?.string.flatMap { Timestamp(iso8601: $0) })
    }
}
