import Addresses
import Deliver
import TestSupport
import Times

/// 24 bytes, the vector of the Standard Webhooks specification.
let vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

extension AttemptRecord {
    static func make(
        subscription: String = "shop", eventID: String = "invoice.processed inv_1", attempt: Int = 1,
        startedAt: Timestamp = noon, outcome: Outcome = .failed, httpStatus: Int? = 500, error: DeliveryFailure? = nil,
        nextAttemptAt: Timestamp? = nil, response: String? = nil
    ) -> AttemptRecord {
        AttemptRecord(
            deliveryID: DeliveryID.derive(eventID: eventID, subscription: subscription), subscription: subscription,
            event: "invoice.processed", attempt: attempt, startedAt: startedAt, durationMS: 12, outcome: outcome,
            httpStatus: httpStatus, error: error, nextAttemptAt: nextAttemptAt, response: response)
    }

    /// One that knows all of its way.
    static func traced() -> AttemptRecord {
        var record = make(response: "busy")
        record.trace.address = IPAddress("203.0.113.7")
        record.trace.isReused = false
        record.trace.httpVersion = "2"
        record.trace.dnsMS = 3
        record.trace.connectMS = 12
        record.trace.tlsMS = 25
        record.trace.firstByteMS = 40
        return record
    }

    /// One that a person asked for.
    static func manual() -> AttemptRecord {
        var record = make(attempt: 2)
        record.isManual = true
        return record
    }

    /// One after which the receiver wants no other.
    static func instructed() -> AttemptRecord {
        var record = make(httpStatus: 500)
        record.instruction = .abortMessage
        return record
    }

    static func delivered(_ subscription: String = "shop", attempt: Int = 1) -> AttemptRecord {
        make(subscription: subscription, attempt: attempt, outcome: .delivered, httpStatus: 200)
    }
}

extension DeliveryLog {
    /// The log of these lines, by way of the bytes of a file.
    static func reading(_ lines: AttemptLine...) -> DeliveryLog {
        DeliveryLog(reading: lines.flatMap { $0.encoded() })
    }

    func delivery(to subscription: String) -> Delivery? { deliveries.first { $0.subscription == subscription } }

    func planned(
        _ subscriptions: [String], existing: Set<String>? = nil, modified: Timestamp?, now: Timestamp = noon,
        longestWait: Duration = .seconds(2 * 86_400)
    ) -> DeliveryPlan {
        let existing = existing ?? Set(subscriptions)
        return plan(
            eventID: "invoice.processed inv_1", subscriptions: subscriptions, exists: { existing.contains($0) },
            now: now,
            sidecarModified: modified, longestWait: { _ in longestWait })
    }
}
