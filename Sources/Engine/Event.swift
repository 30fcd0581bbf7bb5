public import Claim
public import Deliver
public import Files
public import Process
public import Spool
public import SystemPackage
public import Times

/// What the engine is told.
///
/// Those of every invoice and large ones are boxed: an event is copied from queue to queue, and a box is one reference to count.
public enum Event: Sendable {
    /// Something arrived in incoming/.
    case dropped(name: [UInt8], isSettled: Bool)
    /// The next names in incoming/, or why it can't be read; `isLast` if there are no more.
    case scanned(Result<[[UInt8]], Errno>, isLast: Bool)
    /// All of incoming/ is to be looked at, since time has passed; and processing/ too, if events were lost.
    case rescan(includingProcessing: Bool)
    /// A name that stands in aside/: at start, or after the file system has refused work.
    case leftAside([UInt8])
    /// What was done could not be flushed, and flushing it again would prove nothing. What was moved stands all the same; of what
    /// was written each answer says so, too, and it is written once more.
    case unflushed(Errno)
    indirect case claimed(Drop, Result<ClaimResult, Errno>)
    indirect case refused([UInt8], because: String, Result<String?, Errno>)
    /// A sidecar in incoming/ has been looked at; it is left there as long as its request has not come to rest.
    case broughtHome(String, isLeft: Bool)
    indirect case loaded(Key, Result<ClaimResult, Errno>)
    /// A run of the processor has ended; `nil` if it was not begun, since the request has left processing/ meanwhile.
    indirect case processed(Key, ProcessorOutcome?)
    indirect case completed(Key, Result<ClaimResult, Errno>)
    indirect case recorded(Record, Result<RecordResult, Errno>)
    /// An event's entry, which stands in processing/ now.
    case raised(Key, type: String)
    /// `NAME.disabled` stands, or why it does not.
    case disabled(String, Errno?)
    /// Since when subscriptions had been failing when the daemon was last stopped; comes before anything else.
    case health([String: SubscriptionHealth])
    indirect case posted(
        id: UInt64, AttemptResult, startedAt: Timestamp, duration: Duration, trace: AttemptTrace = AttemptTrace())
    /// A post was not made, since its request has left processing/.
    case gone(id: UInt64)
    /// The next requests in processing/, each with the mtime of its `.attempts`.
    case swept(Result<[(key: Key, modified: Timestamp?)], Errno>, isLast: Bool)
    /// Somebody changed the times of a request's `.attempts`, which are these now.
    case touched(Key, modified: Timestamp)
    /// Something in subscriptions/ has changed. Each is followed by a `subscriptions` that says so.
    case subscriptionsChanged
    /// What stands in subscriptions/; `nil` if it can't be read.
    case subscriptions(Roster.Snapshot?, afterChange: Bool = false)
    /// The next keys in done/ that may be past the window, or why it can't be read.
    case expired(Result<[Key], Errno>, isLast: Bool)
    /// The day to which a request was archived; `nil` if it was left where it is.
    case archived(Key, Result<String?, Errno>)
    /// What a step of deleting from the archive came to; `nil` if nothing is left to be deleted.
    indirect case deleted(Result<DeletionStep?, Errno>)
    /// What came of a condemned file.
    indirect case buriedUnread(Suspect, Result<Burial, Errno>)
    /// How much room there is; `nil` if the file system does not tell.
    case room(DiskRoom?)
    /// The wall clock was set, forward or, if negative, back.
    case clockSet(by: Duration)
    /// The process had no descriptor left for a post: nothing was sent, and it is no attempt.
    case unposted(id: UInt64, Errno)
    /// What stands at the spool's path is no longer what is being served: finish what is under way, and begin nothing.
    case displaced(Displacement)
    /// Finish the attempts under way, and begin nothing.
    case stop
}

/// What claiming or loading a request came to.
public enum ClaimResult: Sendable {
    case ready(Work, round: AttemptLine.Round?)
    /// It is valid and durably claimed, and the processor is to process it.
    case unprocessed(Assignment, round: AttemptLine.Round?)
    /// It was rejected and stands in dead/ with this report.
    case buried(ErrorReport)
    case duplicate(of: State)
    case conflict(fileName: String)
    /// The drop stands in aside/ and its key is known: it is to be claimed for that.
    case derived(Drop)
    /// Its content has no key; it stands in dead/ under this name, with this report.
    case keyless(fileName: String, ErrorReport)
    case incomplete(FileSnapshot)
    case beingWritten
    case unsettled(FileSnapshot)
    case notARequest(because: String)
    case vanished
    /// A request stands under its name where it was to go; it stays in processing/.
    case blocked
    /// The directory that it is to go to takes no more names, though the disk has room; it stays in processing/.
    case crowded(State)
}

public enum RecordResult: Sendable, Equatable {
    /// The lines stand.
    case recorded
    /// The lines stand, and the request has been settled.
    case settled
    /// The request does not stand in processing/ any more.
    case vanished
    /// Another request stands where it was to go.
    case blocked
    /// The lines stand; the directory that it is to go to takes no more names, though the disk has room.
    case crowded(State)
}
