public import Deliver
public import Files
public import Spool
public import SystemPackage
public import Times

/// What people are told, in the log. What is large is boxed, so that the small ones of every invoice are quickly moved.
public enum Report: Sendable {
    case processed(Key, invoiceID: String)
    case returned(Key, AttemptLine.Round)
    /// With the name it was dropped under, escaped, if its key was derived: nothing else is left of it.
    case duplicate(Key, droppedAs: String?, of: State)
    case conflict(Key, fileName: String)
    indirect case buried(Key, ErrorReport)
    indirect case refused(name: String, as: String, because: String)
    /// The file system refuses this one request; it is tried again now and then.
    case unclaimable(Key, Errno)
    /// It is no request, and the system does not let it be moved out of incoming/.
    indirect case immovable(name: String, because: String, Errno)
    /// A drop by its label.
    case incomplete(String)
    case beingWritten(String)
    /// The file system refuses this one drop, named by its label; it is tried again now and then.
    case unclaimableDrop(String, Errno)
    /// A file whose content has no key stands in dead/ under another name, or its own.
    indirect case keyless(name: String, as: String, ErrorReport)
    case delivered(Key, subscription: String, attempt: Int)
    indirect case failed(Key, AttemptRecord)
    case ended(Key, subscription: String, AttemptLine.EndReason)
    /// An event has an entry of its own.
    case raised(Key, type: String)
    case done(Key)
    case archived(Key, day: String)
    /// The file system refuses to move this request, and maybe others, to the archive, or, without a key, to read done/.
    case unarchivable(Key?, Errno)
    /// Some files of a day were deleted from the archive.
    case deleting(ArchiveDay, files: Int)
    /// A day's folder was deleted from the archive.
    case deleted(ArchiveDay, files: Int)
    /// A day's folder should be deleted, and stays.
    indirect case notDeleted(ArchiveDay, because: String)
    /// The file system refuses to delete from the archive.
    case undeletable(Errno)
    case vanished(Key)
    case blocked(Key)
    indirect case subscriptionBroken(SubscriptionError)
    case subscriptionMended(String)
    case subscriptionAdded(String)
    case subscriptionRemoved(String)
    /// Its file is gone; unless it comes back within the grace, its pending deliveries end.
    case subscriptionGone(String, grace: Duration)
    indirect case subscriptionDisabled(String, Disabling?)
    case subscriptionEnabled(String)
    /// `NAME.disabled` can't be written: it is disabled as long as the daemon runs.
    case disablingUnkept(String, Errno)
    case subscriptionFailing(String, since: Timestamp)
    case subscriptionRecovered(String, since: Timestamp)
    case subscriptionPaused(String)
    case subscriptionResumed(String)
    /// Most calls to it fail: what is due waits until one that is let through then succeeds.
    case breakerOpened(String, until: Timestamp)
    case breakerClosed(String)
    /// Nothing is claimed until subscriptions/ can be read.
    case subscriptionsUnreadable
    case subscriptionsReadable
    /// The processor asked to be run again later: the sentence, and when.
    indirect case processorPostponed(Key, String, until: Timestamp)
    /// The processor can't be started: requests wait until it can. What is wrong, and what to do.
    case processorUnavailable(String, fix: String)
    case processorAvailable
    /// The file system refuses work; claiming stops until it goes again.
    case trouble(Errno, Key?)
    case recovered
    /// It made the process end again and again, and has been buried unread.
    indirect case crashed(path: String, as: String, ErrorReport)
    /// It made the process end again and again, and can't be moved: it is left alone.
    case immovableCrash(path: String, Errno)
    /// After repeated ends all that stood at the start has been taken up, one at a time.
    case recoveryOver
    /// There is too little room on the disk; nothing is claimed until there is more.
    indirect case short(RoomShortage)
    case roomy
    /// A directory takes no more names, though the disk has room: what is to go there waits in processing/.
    case crowded(State)
    case uncrowded(State)
    /// The wall clock was set, forward or, if negative, back.
    case clockSet(by: Duration)
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
