public import Times

/// What is still to be done for one event, given its log and today's subscriptions.
public struct DeliveryPlan: Sendable, Equatable {
    /// A delivery to make.
    public struct Item: Sendable, Equatable {
        /// The subscription's name.
        public let subscription: String
        /// See ``DeliveryID``.
        public let deliveryID: String
        /// The `X-Attempt` to send: from 1, over all rounds.
        public let attempt: Int
        /// From 1, in this round: what the retry schedule is asked with if the attempt fails.
        public let attemptInRound: Int
        /// Not before this moment; one that is not after the plan's `now` means due.
        public let notBefore: Timestamp
    }

    /// The deliveries to make, in the order of the subscriptions given.
    public let items: [Item]
    /// Pending deliveries of subscriptions that no longer exist: each is to be ended by a mark.
    public let toEnd: [DeliveryLog.Delivery]
    /// Pending deliveries of subscriptions that exist and do not ask for the event today. Whether they end
    /// (`unmatched`) or wait is for the caller to decide.
    public let unheard: [DeliveryLog.Delivery]

    /// Whether the sidecar's mtime, set back by a person, made all of them due now.
    public var isForced = false

    /// Whether nothing is left, so that the request can leave processing/.
    public var isEmpty: Bool { items.isEmpty && toEnd.isEmpty && unheard.isEmpty }
}

extension DeliveryLog {
    /// Decides what each of today's subscriptions has coming.
    ///
    /// A delivery that was never attempted is due now, one in its round when its last line says, and one that was
    /// delivered, given up or ended not at all. The sidecar's mtime, which people change with `touch`, has a say (a
    /// second either way is noise: file systems and tools round):
    ///
    ///     mtime before the earliest pending   all pending are due now
    ///     mtime at the earliest pending       each when its line says; what was never attempted, now
    ///     mtime after the earliest pending    none before the mtime
    ///     nothing pending, mtime after now    none before the mtime
    ///     mtime at `waitingSince`             each when its line says; what was never attempted, now
    ///
    /// And whatever they say, a moment further ahead than the longest wait of the subscription's schedule comes from a
    /// wrong clock, and is brought in to that.
    ///
    /// - Parameters:
    ///   - eventID: what delivery ids are derived from; see ``DeliveryID``.
    ///   - subscriptions: the names of those that hear the event today.
    ///   - exists: whether there is a subscription of a name at all, or might be again in a moment.
    ///   - sidecarModified: the mtime of `.attempts`; `nil` if there is none.
    ///   - waitingSince: when the event came about; an mtime of then says that a delivery without a line is due and waits
    ///     for its turn, while others have their moments.
    ///   - longestWait: the longest wait of a subscription's schedule, by name.
    public func plan(
        eventID: String, subscriptions: [String], exists: (String) -> Bool, now: Timestamp, sidecarModified: Timestamp?,
        waitingSince: Timestamp? = nil, longestWait: (String) -> Duration
    ) -> DeliveryPlan {
        let rule = TouchRule(
            earliest: earliestPending, modified: sidecarModified, waitingSince: waitingSince, now: now)
        var items: [DeliveryPlan.Item] = []
        items.reserveCapacity(subscriptions.count)
        for name in subscriptions {
            let deliveryID = DeliveryID.derive(eventID: eventID, subscription: name)
            let known = self[deliveryID]
            guard known == nil || known?.notBefore != nil else { continue }
            var moment = rule.moment(for: known?.notBefore)
            if moment > now { moment = min(moment, now + longestWait(name)) }
            items.append(
                DeliveryPlan.Item(
                    subscription: name, deliveryID: deliveryID, attempt: (known?.attempts ?? 0) + 1,
                    attemptInRound: (known?.attemptsInRound ?? 0) + 1, notBefore: moment))
        }
        let left = pending(besides: items)
        return DeliveryPlan(
            items: items, toEnd: left.filter { !exists($0.subscription) },
            unheard: left.filter { exists($0.subscription) }, isForced: rule.isForced)
    }

    /// The pending deliveries that are not planned. Of an event that nobody has been told of, which most are, there are none.
    private func pending(besides items: [DeliveryPlan.Item]) -> [Delivery] {
        if deliveries.isEmpty { return [] }
        let planned = Set(items.map(\.deliveryID))
        return deliveries.filter { $0.notBefore != nil && !planned.contains($0.deliveryID) }
    }
}

/// What the mtime of `.attempts` says about the schedule.
private enum TouchRule {
    case asWritten(now: Timestamp)
    case allDue(now: Timestamp)
    case postponed(to: Timestamp, now: Timestamp)

    private static let tolerance = Duration.seconds(1)

    init(earliest: Timestamp?, modified: Timestamp?, waitingSince: Timestamp?, now: Timestamp) {
        guard let modified, waitingSince?.isKept(as: modified) != true else {
            self = .asWritten(now: now)
            return
        }
        if modified > (earliest ?? now) + TouchRule.tolerance {
            self = .postponed(to: modified, now: now)
        } else if let earliest, modified < earliest - TouchRule.tolerance {
            self = .allDue(now: now)
        } else {
            self = .asWritten(now: now)
        }
    }

    var isForced: Bool {
        if case .allDue = self { true } else { false }
    }

    /// When a delivery is due that its own line puts at `notBefore`; `nil` for one that was never attempted.
    func moment(for notBefore: Timestamp?) -> Timestamp {
        switch self {
        case .asWritten(let now): notBefore ?? now
        case .allDue(let now): now
        case .postponed(let moment, let now): max(moment, notBefore ?? now)
        }
    }
}
