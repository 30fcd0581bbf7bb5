public import Deliver
public import Files
public import Process
public import Spool

/// What became of a drop.
public enum ClaimOutcome: Sendable {
    /// It is the request of its key now and stands in processing/; `round` says as what it came back, if it did.
    case claimed(ClaimedRequest, round: AttemptLine.Round?)
    /// The same request stands already; the drop was removed.
    case duplicate(of: State)
    /// Another request has the key; the drop stands in dead/ under this name.
    case conflict(fileName: String)
    /// It stands in aside/, where its key has been read: it is to be claimed for that now, in the lane of the key.
    case derived(Drop)
    /// Its content has no key; it stands in dead/ under this name, with this report.
    case keyless(fileName: String, ErrorReport)
    /// Empty, or cut off before its closing bracket, at this look at it; left where it is.
    case incomplete(FileSnapshot)
    /// Somebody has it open for writing; left where it is until that one closes it.
    case beingWritten
    /// Whether somebody is writing can't be known; left where it is until it has not changed for a while.
    case unsettled(FileSnapshot)
    /// It is not a file that may be opened; left where it is, to be refused.
    case refused(because: String)
    /// It has gone, or is the request itself under a second name.
    case vanished
}

/// A request that stands in processing/, as it was read when it was claimed.
///
/// What was read is held by reference: it is handed from step to step, and a copy of it would count a dozen references.
public struct ClaimedRequest: Sendable {
    private final class Found: Sendable {
        let key: Key
        let content: [UInt8]
        let status: FileStatus
        let reading: Result<InvoiceRequest, Rejection>
        let fileName: String?
        let lease: Lease?

        init(
            key: Key, content: [UInt8], status: FileStatus, reading: Result<InvoiceRequest, Rejection>,
            fileName: String?, lease: Lease?
        ) {
            self.key = key
            self.content = content
            self.status = status
            self.reading = reading
            self.fileName = fileName
            self.lease = lease
        }
    }

    private let found: Found
    /// Its `.invoice`, made for it and still empty; `nil` where one is made when there is something to write.
    var invoice: SharedFile?

    public var key: Key { found.key }
    /// At most one byte more than a request may have.
    public var content: [UInt8] { found.content }
    public var status: FileStatus { found.status }
    /// What the content says; read once, since whether it is whole is known only by reading it.
    public var reading: Result<InvoiceRequest, Rejection> { found.reading }
    /// Under which name it was dropped, where its key is not taken from that; `nil` elsewhere, and where it was lost.
    var fileName: String? { found.fileName }
    /// Keeps writers out of the file until it has been processed; `nil` where none can be had.
    var lease: Lease? { found.lease }

    /// - Parameter maximumBytes: the most a request may have.
    init(
        key: Key, content: [UInt8], status: FileStatus, maximumBytes: Int, lease: Lease? = nil, fileName: String? = nil
    ) {
        found = Found(
            key: key, content: content, status: status,
            reading: ClaimedRequest.read(content, status, maximumBytes: maximumBytes), fileName: fileName, lease: lease)
    }

    func with(invoice: SharedFile?) -> ClaimedRequest {
        var copy = self
        copy.invoice = invoice
        return copy
    }

    static func read(
        _ content: [UInt8], _ status: FileStatus, maximumBytes: Int
    ) -> Result<InvoiceRequest, Rejection> {
        if content.isEmpty, status.size > 0 { return .failure(.unreadable) }
        if content.count > maximumBytes { return .failure(.tooLarge(limit: maximumBytes)) }
        return Result { () throws(Rejection) in try InvoiceRequest.read(content) }
    }
}

extension Rejection {
    static let unreadable = Rejection(
        .unreadable, "The file can't be read by the user that Billhook runs as.",
        hint: "Give that user the right to read it (chmod or chown), then move it to incoming/ again.")

    static func tooLarge(limit: Int) -> Rejection {
        Rejection(
            .tooLarge, "The file has more than the \(limit) bytes that a request may have.",
            hint: "Split it into one invoice a file, or start Billhook with a larger --max-request-bytes.")
    }
}

/// What of a file changes when somebody writes it.
public struct FileSnapshot: Sendable, Equatable {
    public let status: FileStatus

    public init(_ status: FileStatus) {
        self.status = status
    }
}

extension ClaimedRequest {
    /// Whether more bytes could make it a request.
    var isIncomplete: Bool {
        if case .failure(let rejection) = reading { rejection.isIncomplete } else { false }
    }
}
