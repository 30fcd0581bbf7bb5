public import Deliver
public import Process
public import Spool
public import Times

/// A request, or an event's entry, with all that delivering it needs; everything in it can be read again from the spool.
public struct Work: Sendable {
    public let key: Key
    /// What its subscribers are told.
    public let event: WebhookEvent
    /// What `.attempts` says.
    public let log: DeliveryLog
    /// The mtime of `.attempts`, which is part of the schedule; `nil` if there is none.
    public let attemptsModified: Timestamp?
    /// Whether it was claimed in this moment, and has no `.attempts`.
    public let isFresh: Bool

    public init(
        key: Key, event: WebhookEvent, log: DeliveryLog, attemptsModified: Timestamp?, isFresh: Bool = false
    ) {
        self.key = key
        self.event = event
        self.log = log
        self.attemptsModified = attemptsModified
        self.isFresh = isFresh
    }

    /// A processed request.
    ///
    /// - Parameter invoice: the bytes of the `.invoice`, which is what `record` was read from.
    public init(
        key: Key, invoice: [UInt8], record: InvoiceRecord, log: DeliveryLog, attemptsModified: Timestamp?,
        isFresh: Bool = false
    ) {
        self.init(
            key: key,
            event: .invoiceProcessed(
                invoice: invoice, id: record.id, processedAt: record.processedAt, customerID: record.customerID),
            log: log, attemptsModified: attemptsModified, isFresh: isFresh)
    }

    /// A request that was processed in this moment: what would be read from its `.invoice`.
    init(
        key: Key, invoice: Invoice, encoded: [UInt8], log: DeliveryLog, attemptsModified: Timestamp?,
        isFresh: Bool = false
    ) {
        self.init(
            key: key,
            event: .invoiceProcessed(
                invoice: encoded, id: invoice.id, processedAt: invoice.processedAt.roundedDownToMillisecond,
                customerID: invoice.customerID),
            log: log, attemptsModified: attemptsModified, isFresh: isFresh)
    }
}
