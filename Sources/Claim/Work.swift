public import Deliver
public import Process
public import Spool
public import Times

/// A processed request with all that delivering it needs; everything in it can be read again from the spool.
public struct Work: Sendable {
    public let key: Key
    /// The bytes of the `.invoice`.
    public let invoice: [UInt8]
    public let record: InvoiceRecord
    /// What `.attempts` says.
    public let log: DeliveryLog
    /// The mtime of `.attempts`, which is part of the schedule; `nil` if there is none.
    public let attemptsModified: Timestamp?

    public init(
        key: Key, invoice: [UInt8], record: InvoiceRecord, log: DeliveryLog, attemptsModified: Timestamp?
    ) {
        self.key = key
        self.invoice = invoice
        self.record = record
        self.log = log
        self.attemptsModified = attemptsModified
    }
}
