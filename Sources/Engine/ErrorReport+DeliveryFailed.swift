internal import Deliver
internal import Spool
internal import Times

extension ErrorReport {
    /// Why a request, or an entry, is dead whose webhook was given up.
    ///
    /// - Parameter isDisabled: whether a subscription is disabled, if only by the attempt that ends this delivery.
    static func deliveryFailed(
        _ key: Key, _ event: WebhookEvent, _ givenUp: [DeliveryLog.Delivery], at now: Timestamp,
        isDisabled: (String) -> Bool
    ) -> ErrorReport {
        let what = key.isEntry ? "The event \(event.type) was raised" : "The invoice was processed"
        return ErrorReport(
            code: "delivery_failed",
            message: "\(what), but its webhook was given up: \(givenUp.map(\.summary).joined(separator: ", ")).",
            stage: .deliver, hint: hint(key, disabled: givenUp.map(\.subscription).filter(isDisabled)), at: now)
    }

    private static func hint(_ key: Key, disabled: [String]) -> String {
        guard let first = disabled.first else {
            return "See \(key.fileName).attempts for each attempt. Once the receiver is well, retry what is undelivered"
                + " with: mv \(key.fileName) ../incoming/"
        }
        let files = disabled.map { "subscriptions/\($0).disabled" }.joined(separator: " ")
        return "Once the receiver is well, enable the subscription with: rm \(files) and deliver what it missed with:"
            + " billhook retry --subscription \(first)"
    }
}

extension DeliveryLog.Delivery {
    fileprivate var summary: String {
        let attempts = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        let reason =
            state == .ended(.subscriptionDisabled)
            ? AttemptLine.EndReason.subscriptionDisabled.rawValue : lastAttempt?.reason ?? "no answer"
        return "to \(subscription) after \(attempts) (\(reason))"
    }
}
