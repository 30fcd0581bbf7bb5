public import Deliver
public import Spool
public import SystemPackage
public import Times

/// How a spool is doing at a moment: what stands where, and who waits for what.
public struct SpoolStatus: Sendable {
    /// How many requests stand in a state.
    public var requests: [State: Int] = [:]
    /// How many events of their own stand in a state, which are no requests.
    public var events: [State: Int] = [:]
    /// How many drops were set apart in dead/ because their content conflicted.
    public var conflicts = 0
    /// How many things in dead/ were never requests.
    public var refused = 0
    /// How many files in incoming/ bear a writer's name for unfinished work, and are left alone until they are renamed.
    public var unfinished = 0
    /// Drops that are empty or cut off; the first `SpoolStatus.maximumListed` of them.
    public var incomplete: [IncompleteDrop] = []
    /// How many drops are incomplete, as far as they were read.
    public var incompleteCount = 0
    /// The request in incoming/ or processing/ that was written first.
    public var oldest: OldestRequest?
    /// How many requests in processing/ were only counted, since there are too many to read each: what the subscriptions have
    /// coming of those is not in their figures.
    public var unread = 0
    /// How many requests in incoming/ and processing/ were only counted: one of them may be older than ``oldest``, and a drop
    /// among them empty.
    public var unseen = 0
    /// By name.
    public var subscriptions: [SubscriptionStatus] = []
    /// Who serves the spool; `nil` if nobody does.
    public var holder: String?
    /// What the daemon that serves it said of itself last; `nil` if none does, or it has said nothing yet.
    public var live: LiveStatus?
    /// The file system is read-only, so that a daemon could not even say so.
    public var isReadOnly = false
    public let path: FilePath
    public let at: Timestamp

    /// How many incomplete drops are listed.
    public static let maximumListed = 20

    init(path: FilePath, at: Timestamp) {
        self.path = path
        self.at = at
    }

    /// Whether a daemon takes drops out of incoming/; `nil` if nobody serves the spool, or it can't be known.
    public var isClaiming: Bool? { isReadOnly && holder != nil ? false : live?.isClaiming }

    /// What keeps it from its work, or hampers it: a clause in lower case, without a full stop.
    public var hindrance: String? {
        isReadOnly ? "the file system is read-only; see the kernel's log, and mount it writable again" : live?.reason
    }

    /// A drop that is not whole yet.
    public struct IncompleteDrop: Sendable, Equatable {
        /// `nil` where its key is taken from its content.
        public let key: Key?
        /// Escaped.
        public let fileName: String
        public let what: Completeness
        /// Its modification time.
        public let since: Timestamp
    }

    /// The request that has waited longest.
    public struct OldestRequest: Sendable, Equatable {
        /// `nil` of a drop whose key is taken from its content.
        public let key: Key?
        /// Escaped.
        public let fileName: String
        public let state: State
        /// Its modification time: when it was written, unless a copy kept an older one.
        public let since: Timestamp
    }
}

/// How one subscription is doing.
public struct SubscriptionStatus: Sendable, Equatable {
    public enum Condition: Sendable, Equatable {
        case good
        /// Every attempt has failed since then.
        case failing(since: Timestamp)
        /// A `.disabled` file stands beside it, and says this; `nil` for a file that a person put there.
        case disabled(Disabling?)
        /// A `.paused` file stands beside it.
        case paused
        /// Its file is wrong; the daemon goes on with the last good version if it has seen one.
        case broken(SubscriptionError)
        /// Deliveries to it are recorded, and its file is gone.
        case gone

        /// The condition in a word, for programs.
        public var name: String {
            switch self {
            case .good: "good"
            case .failing: "failing"
            case .disabled: "disabled"
            case .paused: "paused"
            case .broken: "broken"
            case .gone: "gone"
            }
        }

        /// Whether webhooks go out to it.
        var isCalled: Bool {
            switch self {
            case .good, .failing: true
            case .disabled, .paused, .broken, .gone: false
            }
        }
    }

    public let name: String
    public var condition: Condition
    /// Deliveries that are still to be made.
    public var waiting = 0
    /// Those of them whose last attempt failed.
    public var failing = 0
    /// Those of them that are due and held back by the daemon: the receiver fails, or asked for a pause.
    public var heldBack = 0
    /// Those of them that have been due for so long that they must be waiting for room, or for their turn.
    public var overdue = 0
    /// When the earliest of them is due, or held back no longer; one that is not after the moment of the status is due now. `nil` if none is
    /// waiting, or nothing goes out to it.
    public var nextAttempt: Timestamp?

    init(_ name: String, _ condition: Condition) {
        self.name = name
        self.condition = condition
    }
}
