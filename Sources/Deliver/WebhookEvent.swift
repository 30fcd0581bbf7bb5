import JSON
public import Times

/// Something that subscribers are told of, with all that its webhooks carry.
public struct WebhookEvent: Sendable, Equatable {
    /// Its name, such as `invoice.processed`: the `X-Event-Type`.
    public let type: String
    /// What delivery ids are derived from; see ``DeliveryID``.
    public let id: String
    /// When it came about, in whole milliseconds: its deliveries are due from then on.
    public let timestamp: Timestamp
    /// The bytes that are posted, the same at every attempt.
    public let body: [UInt8]
    /// The invoice that it tells of; `nil` if it tells of none.
    public let invoiceID: String?
    /// The invoice's customer, by which a subscription may ask for an order; `nil` for every other event.
    public let customerID: String?
    /// The subscription that an operator event is about, which never hears of it itself.
    public let subject: String?

    /// Whether it tells operators about the daemon, and not subscribers about an invoice: any name outside `invoice.`.
    public var isOperatorEvent: Bool { EventBody.isOperatorEvent(type) }

    /// The event that an invoice has been processed.
    ///
    /// - Parameters:
    ///   - invoice: the bytes of the `.invoice` file.
    ///   - id: the invoice's id.
    ///   - processedAt: the invoice's `processed_at`.
    ///   - customerID: the invoice's `customer_id`.
    public static func invoiceProcessed(
        invoice: [UInt8], id: String, processedAt: Timestamp, customerID: String?
    ) -> WebhookEvent {
        WebhookEvent(
            type: EventBody.invoiceProcessed, id: "\(EventBody.invoiceProcessed) \(id)", timestamp: processedAt,
            body: EventBody.invoiceProcessed(invoice: invoice, processedAt: processedAt), invoiceID: id,
            customerID: customerID, subject: nil)
    }

    /// Reads an entry: the body itself. `nil` for what is not one, such as a file that a power cut tore.
    ///
    /// - Parameter eventID: by the entry's name, `evt_…`.
    public static func read(entry bytes: [UInt8], eventID: String) -> WebhookEvent? {
        guard let object = (try? JSONReader.read(bytes))?.object, let type = object["type"]?.string,
            EventPattern(type)?.description == type, !type.hasSuffix("*"),
            let timestamp = object["timestamp"]?.string.flatMap({ Timestamp(iso8601: $0) }),
            let data = object["data"]?.object
        else { return nil }
        let isOperatorEvent = EventBody.isOperatorEvent(type)
        return WebhookEvent(
            type: type, id: "\(type) \(eventID)", timestamp: timestamp, body: bytes,
            invoiceID: data[isOperatorEvent ? "invoice_id" : "id"]?.string, customerID: nil,
            subject: isOperatorEvent ? data["subscription"]?.string : nil)
    }
}
