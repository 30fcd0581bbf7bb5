import JSON
public import Times

/// An event that is to be raised as an entry of its own: what it says, and what it is about. Its id follows from that
/// and the spool, so that the same cause gives the same event.
public struct EventDraft: Sendable, Equatable {
    /// The event's name.
    public let type: String
    /// What it is about, as far as that tells it from other events of its name.
    public let cause: [String]
    /// The bytes that are posted.
    public let body: [UInt8]

    private init(
        _ type: String, cause: [String], at moment: Timestamp, _ data: (inout JSONWriter) -> Void
    ) {
        self.type = type
        self.cause = cause
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        data(&writer)
        writer.endObject()
        body = EventBody.make(type: type, timestamp: moment, data: writer.bytes)
    }

    /// `invoice.failed`: a request was refused and has gone to dead/. It says why, and shows nothing of the content.
    ///
    /// - Parameters:
    ///   - id: what the invoice's id would be.
    ///   - requestSHA256: 64 hexadecimal digits; `nil` for a request that could not be read whole.
    ///   - code: one of the bounded list that `.error` sidecars use.
    ///   - message: a whole sentence.
    ///   - hint: a whole sentence.
    public static func invoiceFailed(
        key: String, id: String, requestSHA256: String?, code: String, message: String, hint: String, at: Timestamp
    ) -> EventDraft {
        EventDraft(EventBody.invoiceFailed, cause: [id], at: at) { writer in
            writer.member("id", id)
            writer.member("key", key)
            writer.member("status", "failed")
            if let requestSHA256 { writer.member("request_sha256", requestSHA256) }
            writer.name("error")
            writer.beginObject()
            writer.member("code", code)
            writer.member("message", message)
            writer.member("hint", hint)
            writer.endObject()
        }
    }
}

/// Operator events: about the daemon's subscriptions and deliveries.
extension EventDraft {
    /// The names of operator events; they are heard only where a pattern names them or their family.
    public enum OperatorEvent: String, Sendable, CaseIterable {
        case subscriptionDisabled = "subscription.disabled"
        case subscriptionFailing = "subscription.failing"
        case subscriptionRecovered = "subscription.recovered"
        case deliveryExhausted = "delivery.exhausted"
    }

    /// `subscription.failing`: every attempt has failed for half of the time after which it is disabled.
    public static func failing(_ name: String, since: Timestamp, disabledAfter: Duration, at: Timestamp) -> EventDraft {
        EventDraft(OperatorEvent.subscriptionFailing.rawValue, cause: [name, since.iso8601], at: at) { writer in
            writer.member("subscription", name)
            writer.member("failing_since", since)
            writer.member("disabled_after", disabledAfter.text)
        }
    }

    /// `subscription.recovered`: the first success after `subscription.failing`.
    public static func recovered(_ name: String, since: Timestamp, at: Timestamp) -> EventDraft {
        EventDraft(OperatorEvent.subscriptionRecovered.rawValue, cause: [name, since.iso8601], at: at) { writer in
            writer.member("subscription", name)
            writer.member("failing_since", since)
        }
    }

    /// `subscription.disabled`: nothing more is sent to it until a person enables it again.
    ///
    /// - Parameter record: the attempt that led to it.
    public static func disabled(_ disabling: Disabling, after record: AttemptRecord) -> EventDraft {
        let cause =
            disabling.failingSince.map { [disabling.subscription, $0.iso8601] }
            ?? [disabling.subscription, record.deliveryID, "\(record.attempt)"]
        return EventDraft(OperatorEvent.subscriptionDisabled.rawValue, cause: cause, at: disabling.at) { writer in
            writer.member("subscription", disabling.subscription)
            writer.member("code", disabling.reason.rawValue)
            writer.member("reason", disabling.sentence)
            if let since = disabling.failingSince { writer.member("failing_since", since) }
        }
    }

    /// `delivery.exhausted`: an attempt failed and there is none after it.
    ///
    /// - Parameters:
    ///   - key: the request's, or the entry's, as its file in dead/ is named.
    ///   - invoiceID: the invoice that was not told of; `nil` if it is about none.
    ///   - record: the last attempt.
    public static func exhausted(
        key: String, invoiceID: String?, _ record: AttemptRecord, at: Timestamp
    ) -> EventDraft {
        EventDraft(
            OperatorEvent.deliveryExhausted.rawValue, cause: [record.deliveryID, "\(record.attempt)"], at: at
        ) { writer in
            writer.member("key", key)
            if let invoiceID { writer.member("invoice_id", invoiceID) }
            writer.member("event", record.event)
            writer.member("subscription", record.subscription)
            writer.member("delivery_id", record.deliveryID)
            writer.member("attempts", record.attempt)
            writer.member("error", record.errorClass)
        }
    }
}

extension AttemptRecord {
    /// What the attempt came to, from a bounded list: `http_503`, `connect_refused`.
    var errorClass: String {
        httpStatus.map { "http_\($0)" } ?? error?.rawValue ?? outcome.rawValue
    }
}
