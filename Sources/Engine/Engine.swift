internal import Claim
internal import Deliver
internal import DequeModule
public import Files
public import Spool
internal import SystemPackage
public import Times

/// Decides what is done, and when: event in, actions out.
///
/// It opens no file and no socket and asks no clock; each event comes with its moment. Nothing in it is a truth that
/// can't be rebuilt from the spool: it may be dropped at any time, and a new one that is told what stands in incoming/
/// and processing/ goes on where it was.
///
/// Memory is bounded by ``Limits``. What does not fit is left on disk and found again by scanning.
public struct Engine {
    public struct Limits: Sendable {
        /// Requests being worked on.
        public var jobs = 2048
        /// Claims under way.
        public var claims = 256
        /// Loads under way.
        public var loads = 256
        /// Posts under way, over all subscriptions.
        public var posts = 512
        /// Posts that each subscription may have under way whatever the others take.
        public var postsEach = 8
        /// Runs of the processor under way.
        public var programs = 1
        /// Names from incoming/ in memory.
        public var drops = 4096
        /// Drops that wait for their writer.
        public var pending = 10_000
        /// Waiting requests whose moment is kept in memory.
        public var window = 200_000

        public init() {}
    }

    public struct Policy: Sendable {
        /// How long a subscription's file may be gone before its deliveries end.
        public var unsubscribeAfter = Duration.seconds(10)
        /// How long a cut-off drop may wait for its rest.
        public var incompleteAfter = Duration.seconds(600)
        /// How long a file must not have changed, where it can't be known whether somebody has it open.
        public var quietPeriod = Duration.seconds(2)
        /// How long a done request keeps its key after it was processed; `nil` for ever.
        public var idempotencyWindow: Duration? = .seconds(86_400)
        /// How long ago a day must have ended to be deleted from the archive; `nil` for never.
        public var deleteAfter: Duration?
        /// Whether requests that wait for a retry are tried again when they are due; the batch job may leave them.
        public var retries = true
        /// How long a subscription may fail without a success before it is disabled; `nil` for ever.
        public var disableAfter: Duration? = .seconds(5 * 86_400)
        /// Where the keys of the spool's requests come from.
        public var keySource = KeySource.name
        /// The room below which nothing is claimed.
        public var floor = RoomFloor()
        /// The most bytes that an invoice may take on the disk.
        public var largestInvoice: UInt64 = 1 << 20

        public init() {}
    }

    let limits: Limits
    let policy: Policy
    public internal(set) var tally = Tally()

    var intake = Intake()
    var jobs: [Key: Job] = [:]
    var loads = LoadQueue()
    var processor = ProcessorQueue()
    var window: DueWindow
    var sweep = Sweep()
    var archive = ArchiveWalk()
    var deletion = DeletionWalk()
    var roster = Roster()
    var outlets: [String: Outlet] = [:]
    /// The outlets that have something to post and a place of their own, but none under the common bound.
    var line: Deque<Outlet> = []
    /// Of the subscriptions that ask for an order.
    var books: [String: OrderBook] = [:]
    /// Those of them for which all of processing/ has been looked through, so that nobody earlier turns up but by hand.
    var knownOrders: Set<String> = []
    /// What a walk over all of processing/ found and is still to be read, until the order is known.
    var orderAwaits: [Key]?
    var overflowed: Set<String> = []
    /// The outlets with something to post that a rate, a breaker or a `Retry-After` holds back.
    var heldBack: Set<String> = []
    var posts: [UInt64: Outlet.Call] = [:]
    var lastPost: UInt64 = 0
    var random: any RandomNumberGenerator
    /// Whether subscriptions/ has been read, so that an invoice's audience is known.
    var knowsAudience = false
    /// How often subscriptions/ changed and has not been read since.
    var unreadChanges = 0
    var hasSeenRoster = false
    var saidUnreadable = false
    /// Until then a subscription that is known from attempts alone counts as gone just now: its file may be on its way
    /// back, as it is while an editor or rsync replaces it.
    var ghostsUntil: Timestamp?
    /// Whether some request waits for that.
    var hasGhosts = false
    var health = HealthWatch()
    var isStopping = false
    var trouble = Trouble()
    var recovery = Recovery()
    var stock = Stock()
    var crowd = Crowd()
    var planning = Planning()
    /// Until then nothing is posted, for want of descriptors.
    var postsPausedUntil: Timestamp?
    /// How long loads that the file system refused for one file only waited last.
    var refusedLoads: [Key: Duration] = [:]

    public init(limits: Limits = Limits(), policy: Policy = Policy(), random: any RandomNumberGenerator) {
        self.limits = limits
        self.policy = policy
        self.random = random
        window = DueWindow(capacity: limits.window)
        // Twice the room, so that names rarely meet: when one is taken out, all that stand behind it are hashed once more,
        // which took 1,500 instructions an invoice.
        intake.claiming.reserveCapacity(2 * limits.claims)
        jobs.reserveCapacity(limits.jobs)
    }

    /// Takes note of an event. What follows from it is in `actions`, together with what `advance` adds.
    public mutating func handle(_ event: Event, at now: Timestamp, into actions: inout [Action]) {
        switch event {
        case .dropped(let name, let isSettled): dropped(name, isSettled: isSettled, &actions)
        case .scanned(let names, let isLast): scanned(names, isLast: isLast, at: now, &actions)
        case .rescan(let includingProcessing): rescan(includingProcessing: includingProcessing)
        case .leftAside(let name): leftAside(name)
        case .unflushed(let code): suffer(nil, code, at: now, &actions)
        case .claimed(let drop, let result): claimed(drop, result, at: now, &actions)
        case .refused(let name, let reason, let result): refused(name, because: reason, result, at: now, &actions)
        case .broughtHome(let name, let isLeft): broughtHome(name, isLeft: isLeft, at: now)
        case .loaded(let key, let result): loaded(key, result, at: now, &actions)
        case .processed(let key, let outcome): processed(key, outcome, at: now, &actions)
        case .completed(let key, let result): completed(key, result, at: now, &actions)
        case .recorded(let record, let result): recorded(record, result, at: now, &actions)
        case .raised(let key, let type): raised(key, type, &actions)
        case .disabled(let name, let code): disabled(name, code, at: now, &actions)
        case .health(let known): health.subscriptions = known
        case .posted(let id, let result, let startedAt, let duration, let trace):
            posted(id, result, startedAt: startedAt, duration: duration, trace: trace, at: now, &actions)
        case .gone(let id): gone(id, at: now, &actions)
        case .swept(let entries, let isLast): swept(entries, isLast: isLast, at: now, &actions)
        case .touched(let key, let modified): touched(key, modified: modified, at: now, &actions)
        case .subscriptionsChanged: subscriptionsChanged()
        case .subscriptions(let snapshot, let afterChange):
            subscriptions(snapshot, afterChange: afterChange, at: now, &actions)
        case .expired(let keys, let isLast): expired(keys, isLast: isLast, &actions)
        case .archived(let key, let result): archived(key, result, &actions)
        case .deleted(let result): deleted(result, &actions)
        case .buriedUnread(let suspect, let result): buriedUnread(suspect, result, at: now, &actions)
        case .room(let room): measured(room, at: now, &actions)
        case .clockSet(let shift): clockSet(by: shift, at: now, &actions)
        case .unposted(let id, let code): unposted(id, code, at: now, &actions)
        case .displaced, .stop: stop()
        }
        if !recovery.isOver { followRecovery(event) }
    }

    /// Begins what there is room for: claims, loads, scans, and whatever has fallen due. To be called after the events
    /// of one turn, and when `nextDeadline` comes.
    public mutating func advance(at now: Timestamp, into actions: inout [Action]) {
        retryRecords(at: now, &actions)
        retryCompletions(at: now, &actions)
        guard !isStopping else { return }
        advanceRecovery(at: now, &actions)
        expireSubscriptions(at: now, &actions)
        retryDisabling(at: now, &actions)
        completeOrder(at: now, &actions)
        completePlanning(&actions)
        letGo(at: now, &actions)
        relieve(at: now, &actions)
        resumePosts(at: now, &actions)
        lookAround(at: now, &actions)
        advanceIntake(at: now, &actions)
        // For what has become due to be claimed just now.
        lookAround(at: now, &actions)
        advanceProcessor(at: now, &actions)
        advanceWaiting(at: now, &actions)
        advanceArchive(at: now, &actions)
        advanceDeletion(at: now, &actions)
        clearSuspect(&actions)
    }

    /// When `advance` has something to do even if nothing happens; `nil` if never.
    public func nextDeadline(at now: Timestamp) -> Timestamp? {
        var first = Earliest()
        first.consider(trouble.retryAt)
        if isStopping {
            first.consider(processor.nextRetry)
            return first.moment
        }
        // What is due and can't be taken up for now is no deadline: an event will tell when it can.
        considerWaiting(&first)
        considerProcessor(&first)
        considerRoom(&first)
        first.consider(intake.nextPending)
        if archive.isAtRest, mayArchive { first.consider(archive.nextStart) }
        first.consider(nextDeletion)
        first.consider(roster.nextExpiry(grace: policy.unsubscribeAfter))
        first.consider(roster.nextKeyChange)
        if hasGhosts { first.consider(ghostsUntil) }
        if health.isAtRest { first.consider(health.retryAt) }
        first.consider(trialDeadline)
        if isCramped { first.consider(now + Outlet.stallTime) }
        for name in heldBack { first.consider(outlets[name]?.closedUntil) }
        return first.moment
    }

    /// Whether it knows who hears of invoices and has been told to look at the spool.
    public var hasBegun: Bool { hasSeenRoster }

    /// Whether more drops are known than may be claimed at a time, so that news of others can wait for a moment.
    public var hasPlentyToClaim: Bool { intake.queue.count >= limits.claims }

    /// Whether subscriptions/ can't be read, so that nothing is claimed.
    public var isBlind: Bool { saidUnreadable && !knowsAudience }

    /// Whether nothing can move before a retry is due or somebody changes something.
    public var isAtRest: Bool {
        intake.isAtRest && isProcessorAtRest && jobs.isEmpty && loads.isEmpty && (sweep.isAtRest || isSated)
            && !trouble.isStanding && archive.isAtRest && crowd.isEmpty && !deletion.isWalking && thirstyOutlets.isEmpty
            && !hasGhosts && (!policy.retries || window.isEmpty) && recovery.isAtRest && health.isAtRest
    }

    /// After `.stop`: whether all attempts and programs under way have ended and have been recorded.
    public var isStopped: Bool {
        isStopping && posts.isEmpty && processor.isIdle && jobs.values.allSatisfy { $0.openRecords == 0 }
    }

    /// How many requests are being worked on or claimed.
    public var inHand: Int { jobs.count + intake.claiming.count + loads.count + processor.count }

    /// How many drops wait for their writer to finish.
    public var incompleteDrops: Int { intake.pending.count }

    private mutating func stop() {
        isStopping = true
        postsPausedUntil = nil
        intake.stop()
        processor.stop()
        for outlet in outlets.values {
            for turn in outlet.queue.removeAll() { turn.job.tasks[turn.task].state = .waiting(.distantPast) }
        }
        line.removeAll()
    }
}

/// Work that the file system has refused for now.
struct Trouble {
    /// When it is tried again; `nil` while all is well.
    var retryAt: Timestamp?
    /// What was refused last, and has not been shown to be over.
    var code: Errno?
    var records: [Record] = []
    /// Whether people were told, and are still to hear that it is over.
    var isReported = false
    /// How often work was tried again since then, and nothing has shown that it goes again.
    var retries = 0

    var isStanding: Bool { retryAt != nil }

    static let pause = Duration.seconds(1)
}
