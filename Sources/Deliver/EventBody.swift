import JSON
public import Times

/// The body of a webhook: `{"type":…,"timestamp":…,"data":…}`, the same bytes at every attempt because they follow from
/// what is on disk alone.
public enum EventBody {
    /// The event that an invoice has been processed.
    public static let invoiceProcessed = "invoice.processed"

    /// The event that a request was refused: it is no invoice, or its processor would not have it.
    public static let invoiceFailed = "invoice.failed"

    /// The events that a subscription can ask for.
    public static let names =
        [invoiceProcessed, invoiceFailed] + EventDraft.OperatorEvent.allCases.map(\.rawValue)

    /// Whether an event of this name tells operators about the daemon, and not subscribers about an invoice.
    public static func isOperatorEvent(_ type: String) -> Bool { !type.hasPrefix("invoice.") }

    /// The body that tells of a processed invoice.
    ///
    /// - Parameters:
    ///   - invoice: the bytes of the `.invoice` file, one JSON object; the newline at its end is dropped.
    ///   - processedAt: the invoice's `processed_at`.
    public static func invoiceProcessed(invoice: [UInt8], processedAt: Timestamp) -> [UInt8] {
        make(type: invoiceProcessed, timestamp: processedAt, data: invoice)
    }

    /// The name of a test event, which no subscription has to ask for.
    public static let ping = "billhook.ping"

    /// The body of a test event.
    ///
    /// - Parameter subscription: the name of the one that it is sent to.
    public static func ping(_ subscription: String, at now: Timestamp) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("subscription", subscription)
        writer.endObject()
        return make(type: ping, timestamp: now, data: writer.bytes)
    }

    /// A body of given parts: `type` an event's name, `data` the bytes of one JSON value.
    static func make(type: String, timestamp: Timestamp, data: [UInt8]) -> [UInt8] {
        var end = data.count
        while end > 0, data[end - 1] == ASCII.newline { end -= 1 }
        var writer = JSONWriter(reserving: type.utf8.count + end + 72)
        writer.beginObject()
        writer.member("type", type)
        writer.member("timestamp", timestamp)
        writer.member("data", raw: data[..<end])
        writer.endObject()
        return writer.bytes
    }
}
