public import Deliver
public import Times

/// Where one event's delivery to one subscription stands, with what today's subscription files make of it.
public struct DeliveryReport: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        /// To be attempted, not before a moment.
        case waiting(notBefore: Timestamp)
        /// To be attempted when the subscription is no longer paused.
        case paused
        /// The subscription's file is wrong: to be attempted when it is in order again, or as its last good version says, if a
        /// daemon runs that has one.
        case broken
        /// Not delivered, and not due either: its request rests, or has gone.
        case resting
        /// Answered 2xx.
        case delivered
        /// Its schedule ended, or it failed for good.
        case givenUp
        /// Ended without an attempt, or about to be.
        case ended(AttemptLine.EndReason)
    }

    public let subscription: String
    public let deliveryID: String
    /// Attempts so far, over all rounds.
    public let attempts: Int
    public let state: State
    /// The last attempt that is recorded.
    public let lastAttempt: AttemptRecord?
    /// Until when the daemon holds back calls to its subscription, this one among them; the moment of the report, where one
    /// call at a time is let through; `nil` if it does not.
    public internal(set) var heldBackUntil: Timestamp?
    /// Whether it has been due for so long that it must be waiting for room, or for its turn.
    public internal(set) var isOverdue = false
    /// Whether it waits until an earlier invoice of the same customer is delivered, if there is one.
    public internal(set) var isOrdered = false

    /// How long one may be due before that is worth a word: an attempt that is under way takes a while.
    static let patience = Duration.seconds(5)

    init(
        subscription: String, deliveryID: String, attempts: Int, state: State, lastAttempt: AttemptRecord?
    ) {
        self.subscription = subscription
        self.deliveryID = deliveryID
        self.attempts = attempts
        self.state = state
        self.lastAttempt = lastAttempt
    }

    /// What it is waiting for, in a word for programs.
    public var stateName: String {
        switch state {
        case .waiting: "waiting"
        case .paused: "paused"
        case .broken: "broken"
        case .resting: "resting"
        case .delivered: "delivered"
        case .givenUp: "given_up"
        case .ended(let reason): reason.rawValue
        }
    }

    /// What the last attempt came to, for a person: `http 503`, `connect_refused`.
    public var lastOutcome: String? {
        guard let lastAttempt else { return nil }
        if let status = lastAttempt.httpStatus { return "http \(status)" }
        return lastAttempt.error?.rawValue ?? lastAttempt.outcome.rawValue
    }

    /// Whether there is something still to come.
    public var isPending: Bool {
        switch state {
        case .waiting, .paused, .broken: true
        case .resting, .delivered, .givenUp, .ended: false
        }
    }

    /// Whether it has failed for good, so that its request ends in dead/.
    var isGivenUp: Bool { state == .givenUp || state == .ended(.subscriptionDisabled) }
}

extension Roster {
    /// Today's subscriptions as the files have them.
    init(_ snapshot: Snapshot, at now: Timestamp) {
        self.init()
        _ = apply(snapshot, at: now)
    }

    /// What a request in processing/ still has coming, and what it has behind it, by the same plan that the daemon makes.
    ///
    /// - Parameter heldBack: until when the daemon holds back calls, by the names of the subscriptions.
    func deliveries(
        of event: WebhookEvent, log: DeliveryLog, sidecarModified: Timestamp?, heldBack: [String: Timestamp] = [:],
        now: Timestamp
    ) -> [DeliveryReport] {
        let plan = log.plan(
            eventID: event.id, subscriptions: hearers(of: event), exists: { members[$0] != nil }, now: now,
            sidecarModified: sidecarModified, waitingSince: event.timestamp,
            longestWait: { (members[$0]?.subscription?.retry ?? .standard).longestWait })
        var reports: [DeliveryReport] = []
        for item in plan.items {
            let known = log[item.deliveryID]
            var report = DeliveryReport(
                subscription: item.subscription, deliveryID: item.deliveryID, attempts: item.attempt - 1,
                state: state(of: item), lastAttempt: known?.lastAttempt)
            // What a person asked for does not wait for a subscriber that is unwell.
            let isManual = plan.isForced || log.rounds > 0 && item.attemptInRound == 1
            if !isManual { report.heldBackUntil = heldBack[item.subscription] }
            let due = known == nil ? event.timestamp : item.notBefore
            report.isOverdue = !plan.isForced && item.notBefore <= now && due < now - DeliveryReport.patience
            report.isOrdered =
                members[item.subscription]?.subscription?.ordering == .customer && event.customerID != nil
            reports.append(report)
        }
        let planned = Set(plan.items.map(\.deliveryID))
        let ending = Set((plan.toEnd).map(\.deliveryID))
        for known in log.deliveries where !planned.contains(known.deliveryID) {
            reports.append(DeliveryReport(known, isOrphan: ending.contains(known.deliveryID)))
        }
        return reports
    }

    private func state(of item: DeliveryPlan.Item) -> DeliveryReport.State {
        guard let member = members[item.subscription] else { return .broken }
        if member.isDisabled { return .ended(.subscriptionDisabled) }
        if member.isPaused { return .paused }
        return member.isBroken ? .broken : .waiting(notBefore: item.notBefore)
    }
}

extension DeliveryReport {
    /// A delivery as its log alone tells it.
    ///
    /// - Parameter isOrphan: whether its subscription has gone; otherwise one that is pending is no longer asked for.
    init(_ known: DeliveryLog.Delivery, isOrphan: Bool = false) {
        let state: State =
            switch known.state {
            case .pending: .ended(isOrphan ? .unsubscribed : .unmatched)
            case .delivered: .delivered
            case .givenUp: .givenUp
            case .ended(let reason): .ended(reason)
            }
        self.init(
            subscription: known.subscription, deliveryID: known.deliveryID, attempts: known.attempts, state: state,
            lastAttempt: known.lastAttempt)
    }

    /// A delivery whose request is not in processing/, so that nothing of it is attempted before the request is back there.
    init(resting known: DeliveryLog.Delivery) {
        guard known.notBefore != nil else {
            self.init(known)
            return
        }
        self.init(
            subscription: known.subscription, deliveryID: known.deliveryID, attempts: known.attempts, state: .resting,
            lastAttempt: known.lastAttempt)
    }
}
