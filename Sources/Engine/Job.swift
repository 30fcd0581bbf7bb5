internal import Claim
internal import Deliver
internal import Spool
internal import Times

/// A request that is being worked on right now. It lives from its claim or load until it is settled or has nothing to
/// do but wait; all that is in it can be read again from the spool.
final class Job {
    /// One event's delivery to one subscription.
    struct Task {
        enum State: Equatable {
            /// Not before this moment; `.distantPast` if it is due and its subscription has no room.
            case waiting(Timestamp)
            case queued
            /// Until an earlier one of the same customer has ended.
            case held
            case posting
            case finished
        }

        let subscription: String
        let deliveryID: String
        /// The next attempt's number, over all rounds.
        var attempt: Int
        /// The next attempt's number in this round.
        var attemptInRound: Int
        var state: State
        /// A person asked for it: it waits for no breaker, and is recorded so.
        var isManual = false
    }

    let key: Key
    /// What its subscribers are told.
    let event: WebhookEvent
    var log: DeliveryLog
    /// Whether the last line of `.attempts` was torn when it was read. Any record may be the one that closes it, since one
    /// before it may have been refused.
    let hadTornLine: Bool
    /// Whether it had no `.attempts` when it was claimed, and nobody has touched one since.
    var isFresh: Bool
    var tasks: [Task]
    /// Appends that have not been answered yet.
    var openRecords = 0
    /// Under which number of the roster the tasks were planned; `nil` if they are to be planned anew whatever it is now.
    var rosterVersion: Int?
    /// Its request has left processing/, or come back under it: what is here is no longer the truth.
    var isStale = false
    /// Whether the window holds its next moment while it is here.
    var isScheduled = false
    /// What the mtime of `.attempts` was set to last, to know a person's `touch` from our own.
    var recordedDue: Timestamp?

    init(_ work: Work, tasks: [Task], rosterVersion: Int) {
        key = work.key
        event = work.event
        log = work.log
        hadTornLine = work.log.needsNewline
        isFresh = work.isFresh
        self.tasks = tasks
        self.rosterVersion = rosterVersion
    }

    /// Whether what was read of the request is what is known of it here: the same invoice, in the same round.
    func isSame(as work: Work) -> Bool {
        event.id == work.event.id && log.rounds == work.log.rounds
    }

    /// Whether something will still be answered about it.
    var isActive: Bool {
        openRecords > 0 || tasks.contains { $0.state == .posting || $0.state == .queued }
    }

    /// Whether each of its deliveries is being made, or has its turn coming.
    var isAllUnderWay: Bool {
        !tasks.isEmpty && tasks.allSatisfy { $0.state == .posting || $0.state == .queued }
    }

    /// Whether a time of `.attempts` is the one that was set here: a person's `touch` is another.
    func wasSet(to modified: Timestamp) -> Bool {
        recordedDue?.isKept(as: modified) ?? false
    }

    var isFinished: Bool { tasks.allSatisfy { $0.state == .finished } }

    /// When the first of the waiting deliveries is due; `nil` if something is due or under way now.
    func nextDue(after now: Timestamp) -> Timestamp? {
        var earliest: Timestamp?
        for task in tasks {
            switch task.state {
            case .posting, .queued: return nil
            case .waiting(let moment) where moment <= now: return nil
            case .waiting(let moment): earliest = min(earliest ?? moment, moment)
            case .finished, .held: break
            }
        }
        return earliest
    }
}

extension Job.Task {
    /// What is planned, from its moment on.
    init(_ item: DeliveryPlan.Item, isManual: Bool) {
        self.init(
            subscription: item.subscription, deliveryID: item.deliveryID, attempt: item.attempt,
            attemptInRound: item.attemptInRound, state: .waiting(item.notBefore), isManual: isManual)
    }
}
