public import Deliver
public import Spool
public import SystemPackage
public import Times

/// What people are told, in the log.
public enum Report: Sendable {
    case processed(Key, invoiceID: String)
    case returned(Key, AttemptLine.Round)
    case duplicate(Key, of: State)
    case conflict(Key, fileName: String)
    case buried(Key, ErrorReport)
    case refused(name: String, as: String, because: String)
    /// It is no request, and the system does not let it be moved out of incoming/.
    /// The file system refuses this one request; it is tried again now and then.
    case unclaimable(Key, Errno)
    case immovable(name: String, because: String, Errno)
    case incomplete(Key)
    case beingWritten(Key)
    case delivered(Key, subscription: String, attempt: Int)
    case failed(Key, AttemptRecord)
    case ended(Key, subscription: String, AttemptLine.EndReason)
    /// An event has an entry of its own.
    case raised(Key, type: String)
    case done(Key)
    case archived(Key, day: String)
    case vanished(Key)
    case blocked(Key)
    case subscriptionBroken(SubscriptionError)
    case subscriptionMended(String)
    case subscriptionAdded(String)
    case subscriptionRemoved(String)
    /// Its file is gone; unless it comes back within the grace, its pending deliveries end.
    case subscriptionGone(String, grace: Duration)
    case subscriptionDisabled(String, Disabling?)
    case subscriptionEnabled(String)
    /// `NAME.disabled` can't be written: it is disabled as long as the daemon runs.
    case disablingUnkept(String, Errno)
    case subscriptionFailing(String, since: Timestamp)
    case subscriptionRecovered(String, since: Timestamp)
    case subscriptionPaused(String)
    case subscriptionResumed(String)
    /// Nothing is claimed until subscriptions/ can be read.
    case subscriptionsUnreadable
    case subscriptionsReadable
    /// The file system refuses work; claiming stops until it goes again.
    case trouble(Errno, Key?)
    case recovered
}

/// What has happened since the start, in numbers.
public struct Tally: Sendable, Equatable {
    public internal(set) var done = 0
    public internal(set) var dead = 0
    public internal(set) var duplicates = 0
    public internal(set) var conflicts = 0
    public internal(set) var refused = 0
    public internal(set) var archived = 0
    public internal(set) var delivered = 0
    public internal(set) var failedAttempts = 0

    public init() {}
}
