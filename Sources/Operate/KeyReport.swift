public import Deliver
public import Process
public import Spool
public import SystemPackage
public import Times

/// Everything that is known about one key.
public struct KeyReport: Sendable {
    /// Where the key's request stands.
    public enum Place: Sendable, Equatable {
        case state(State)
        /// In the archive, under a day: its key is free.
        case archive(day: String)
        /// Nowhere; only its sidecars stand, in this state.
        case removed(sidecarsIn: State)
        /// Nowhere; only drops that conflict with it stand.
        case conflictsOnly

        /// The directory, for programs and people.
        public var name: String {
            switch self {
            case .state(let state): state.rawValue
            case .archive(let day): "archive/\(day)"
            case .removed: "removed"
            case .conflictsOnly: "conflict"
            }
        }
    }

    /// Another drop that was set apart because its content conflicted.
    public struct Conflict: Sendable, Equatable {
        public let path: FilePath
        public let error: ErrorReport?
    }

    public let key: Key
    public let place: Place
    /// The request's file; `nil` if there is none.
    public let path: FilePath?
    /// The request's size in bytes.
    public let size: Int?
    /// The request's modification time: when it was written, unless a copy kept an older one.
    public let modified: Timestamp?
    /// What the request is not, while it waits in incoming/: empty, or cut off before its end.
    public let isIncomplete: Bool
    /// Whether another drop of the key waits in incoming/ beside the request described.
    public let hasWaitingDrop: Bool
    /// What the `.invoice` says.
    public let invoice: InvoiceRecord?
    /// The bytes of the `.invoice`.
    public let invoiceBytes: [UInt8]?
    /// What an entry tells of.
    public let event: WebhookEvent?
    /// What the `.error` says.
    public let error: ErrorReport?
    public let deliveries: [DeliveryReport]
    /// How many retries, replays and releases there were.
    public let rounds: Int
    public let conflicts: [Conflict]
    /// Who serves the spool; `nil` if nobody does.
    public let holder: String?
    /// What happens next.
    public let next: NextStep
}
