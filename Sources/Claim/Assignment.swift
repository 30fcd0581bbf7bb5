public import Files
public import Process
public import Spool
public import Times

/// A claimed request that the processor is to process; everything in it can be read again from the spool.
public struct Assignment: Sendable {
    public let key: Key
    /// The invoice as it is without the processor's result: what the processor gets to read.
    public let invoice: Invoice
    /// The request's file, as it was read.
    public let status: FileStatus
    /// Not before when it is run, told by the mtime of `.attempts`; `nil` if there is none.
    public let notBefore: Timestamp?
    /// How long it was told to wait the last time: from when that mtime was set to what it was set to. Zero if never.
    public let waited: Duration

    public init(key: Key, invoice: Invoice, status: FileStatus, notBefore: Timestamp?, waited: Duration) {
        self.key = key
        self.invoice = invoice
        self.status = status
        self.notBefore = notBefore
        self.waited = waited
    }
}

extension Assignment {
    /// Whether it is the same file, due at the same time.
    public func isSame(as other: Assignment) -> Bool {
        status.identity == other.status.identity && status.modified == other.status.modified
            && invoice.requestSHA256 == other.invoice.requestSHA256 && notBefore == other.notBefore
    }
}

/// What the processor made of a request, to be written down.
public struct Completion: Sendable {
    public enum Verdict: Sendable {
        /// The bytes of a JSON object; `nil` if there is none.
        case processed(result: [UInt8]?)
        case failed(ErrorReport)
    }

    public let assignment: Assignment
    public let verdict: Verdict

    public init(_ assignment: Assignment, _ verdict: Verdict) {
        self.assignment = assignment
        self.verdict = verdict
    }

    public var key: Key { assignment.key }
}
