internal import Deliver
internal import Times

/// What waits for and runs to one subscription, and how fast it may go.
final class Outlet {
    /// A delivery that waits here.
    struct Turn {
        let job: Job
        let task: Int
    }

    /// A delivery that is being made.
    struct Call {
        let job: Job
        let task: Int
        let outlet: Outlet
        /// As it was when the call began.
        let subscription: Subscription
    }

    let name: String
    /// The subscription as the roster has it; `nil` once it has gone. Kept here too, since each look into the roster takes a
    /// hash of the name: 300 instructions, and there are six for each invoice.
    var member: Roster.Member?
    let queue = TurnQueue()
    var inFlight = 0
    /// Something that is due was sent back to the disk for want of room here: processing/ has to be swept for it.
    var hasOverflowed = false
    /// Waits in line for a place under the bound on all posts.
    var isInLine = false
    /// When a post last began or ended here while there was room before.
    var lastProgress = Timestamp.distantPast

    // Changed as wholes: then nobody holds one of them open, and no look at them has to be checked at run time, which took
    // 2,000 instructions an invoice.
    private(set) var breaker = Breaker()
    private var pace = Pace()
    private var throttle: Throttle?
    /// The call that the open breaker has let through.
    private var probe: UInt64?
    /// Nothing but what a person asked for begins before this moment; `nil` if it may begin now.
    private(set) var closedUntil: Timestamp?

    init(_ name: String, _ member: Roster.Member) {
        self.name = name
        self.member = member
    }

    /// Nothing has begun or ended here for a while: if there is no room either, what queues here would hold up others.
    func isStalled(at now: Timestamp) -> Bool {
        now - lastProgress > Outlet.stallTime
    }

    static let stallTime = Duration.milliseconds(250)

    // MARK: How fast

    /// Whether it is the subscriber, by failing or asking for a pause, that holds back calls, and not its rate.
    var isHeldBySubscriber: Bool { breaker.isOpen || pace.notBefore != nil }

    /// Until when it holds them back; a moment that has passed says that one is let through.
    var heldBackUntil: Timestamp? { [breaker.openUntil, pace.notBefore].compactMap { $0 }.max() }

    /// Whether the subscriber itself would take one more call now. What a person asked for does not wait for a breaker
    /// or a `Retry-After`.
    func isReady(_ subscription: Subscription, forManual: Bool = false) -> Bool {
        if forManual { return inFlight < subscription.concurrency }
        guard closedUntil == nil else { return false }
        if breaker.isOpen { return probe == nil }
        return inFlight < pace.concurrency(most: subscription.concurrency)
    }

    /// Notes that a call begins.
    func begin(_ id: UInt64, _ subscription: Subscription, at now: Timestamp) {
        inFlight += 1
        lastProgress = now
        if breaker.isOpen, closedUntil == nil { probe = id }
        if let rate = subscription.rate {
            var current = throttle?.rate == rate ? throttle ?? Throttle(rate) : Throttle(rate)
            current.begin(at: now)
            throttle = current
        } else {
            throttle = nil
        }
        close(at: now)
    }

    /// Notes that a call has ended; `result` is `nil` if it was never made.
    func end(
        _ id: UInt64, _ result: AttemptResult?, _ subscription: Subscription, startedAt: Timestamp, at now: Timestamp
    ) -> Breaker.Change? {
        defer {
            inFlight -= 1
            lastProgress = now
            if probe == id { probe = nil }
            close(at: now)
        }
        guard let result else { return nil }
        var (pace, breaker) = (pace, breaker)
        pace.record(result, startedAt: startedAt, inFlight: inFlight, most: subscription.concurrency, at: now)
        let change = breaker.record(Health.of(result), startedAt: startedAt, at: now)
        (self.pace, self.breaker) = (pace, breaker)
        return change
    }

    /// Opens again if the pause is over; returns whether it did.
    func reopen(at now: Timestamp) -> Bool {
        var pace = pace
        pace.expire(at: now)
        self.pace = pace
        close(at: now)
        return closedUntil == nil
    }

    private func close(at now: Timestamp) {
        var latest = now
        // A moment further ahead than a pause can be comes from a clock that was set back.
        func keep(_ moment: Timestamp?, _ longest: Duration) {
            if let moment, moment <= now + longest { latest = max(latest, moment) }
        }
        keep(breaker.openUntil, Breaker.longestPause)
        keep(pace.notBefore, Pace.longestPause)
        if let throttle { latest = max(latest, throttle.next(at: now)) }
        closedUntil = latest > now ? latest : nil
    }
}
