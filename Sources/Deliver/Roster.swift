public import Times

/// The subscriptions in force: what today's files say, with the last good version of those that went bad and a grace
/// for those that vanished.
///
/// A value: what the files hold is given to it, and it answers what that changes.
public struct Roster: Sendable {
    /// What one look at subscriptions/ found, by name.
    public struct Snapshot: Sendable {
        public var subscriptions: [String: Result<Subscription, SubscriptionError>]
        /// The names that a `.paused` file stands for.
        public var paused: Set<String>
        /// The names that a `.disabled` file stands for.
        public var disabled: Set<String>

        public init(
            subscriptions: [String: Result<Subscription, SubscriptionError>] = [:], paused: Set<String> = [],
            disabled: Set<String> = []
        ) {
            self.subscriptions = subscriptions
            self.paused = paused
            self.disabled = disabled
        }
    }

    public struct Member: Sendable {
        public let name: String
        /// The last good version; `nil` if there has been none since the start.
        public internal(set) var subscription: Subscription?
        /// What is wrong with the file as it is now.
        var fileError: SubscriptionError?
        /// That none of its keys is in force, though the file is good.
        var lapse: SubscriptionError?
        public internal(set) var isPaused: Bool
        /// Whether its deliveries end without an attempt, and count as given up.
        public internal(set) var isDisabled = false
        /// Since when its file has been gone.
        public internal(set) var goneSince: Timestamp?

        /// What is wrong with the file as it is now, or with its keys at this moment.
        public var error: SubscriptionError? { fileError ?? lapse }

        /// Whether nothing can be sent, as there is no good version or no key to sign with.
        public var isBroken: Bool {
            // Matched and not compared with `==`, which would copy both to compare them.
            if case .some = subscription, case .none = lapse { false } else { true }
        }

        /// Whether deliveries may be attempted: otherwise they wait, and use up no attempt.
        public var isOpen: Bool { !isBroken && !isPaused && !isDisabled && goneSince == nil }
    }

    /// What a snapshot or the passing of time changed.
    public struct Changes: Sendable, Equatable {
        /// Files that went bad, or are bad in another way than before.
        public var broken: [SubscriptionError] = []
        /// Names whose file was bad and is good now.
        public var mended: [String] = []
        public var added: [String] = []
        /// Names whose file is gone, and may come back within the grace.
        public var gone: [String] = []
        public var removed: [String] = []
        public var paused: [String] = []
        public var resumed: [String] = []
        public var disabled: [String] = []
        public var enabled: [String] = []
        /// Whether somebody else hears of an invoice now than did before.
        public var audienceChanged = false
    }

    public internal(set) var members: [String: Member] = [:]
    /// Counts the changes of the audience: work that was planned under an older number is planned anew.
    public private(set) var version = 0
    /// Whether some member asks for an order, so that all others need not be asked for each invoice.
    public private(set) var hasOrder = false
    /// When ``reckonKeys(at:)`` is to be called next; `nil` if no key comes into force or ends by itself.
    public private(set) var nextKeyChange: Timestamp?
    /// Since when the one has been gone that went first; asked for in every turn, whatever the number of members.
    private var firstGone: Timestamp?

    private var listeners = Listeners()

    public init() {}

    public mutating func apply(_ snapshot: Snapshot, at now: Timestamp) -> Changes {
        var changes = Changes()
        for (name, file) in snapshot.subscriptions.sorted(by: { $0.key < $1.key }) {
            update(name, file, isPaused: snapshot.paused.contains(name), at: now, &changes)
            setDisabled(name, snapshot.disabled.contains(name), &changes)
        }
        for name in members.keys.sorted() where snapshot.subscriptions[name] == nil {
            // A moment that is still to come was taken from a clock that has been set back since.
            guard members[name]?.goneSince.map({ $0 > now }) ?? true else { continue }
            if members[name]?.goneSince == nil { changes.gone.append(name) }
            members[name]?.goneSince = now
        }
        if changes.audienceChanged { renewAudience() }
        nextKeyChange = members.values.compactMap { $0.subscription?.signing.nextChange(after: now) }.min()
        reckonGone()
        return changes
    }

    /// Closes the members whose last key has ended, and opens those of which one has come into force.
    public mutating func reckonKeys(at now: Timestamp) -> Changes {
        var changes = Changes()
        for (name, old) in members.sorted(by: { $0.key < $1.key }) {
            var member = old
            member.lapse = member.subscription?.signing.lapse(of: name, at: now)
            changes.note(name, old.error, member.error)
            members[name] = member
        }
        nextKeyChange = members.values.compactMap { $0.subscription?.signing.nextChange(after: now) }.min()
        return changes
    }

    /// Disables a member at once; its file is to follow.
    public mutating func disable(_ name: String) -> Changes {
        var changes = Changes()
        setDisabled(name, true, &changes)
        if changes.audienceChanged { renewAudience() }
        return changes
    }

    private mutating func setDisabled(_ name: String, _ isDisabled: Bool, _ changes: inout Changes) {
        guard let member = members[name], member.isDisabled != isDisabled else { return }
        members[name]?.isDisabled = isDisabled
        if isDisabled { changes.disabled.append(name) } else { changes.enabled.append(name) }
        // What is planned for it ends, or goes out again.
        changes.audienceChanged = true
    }

    /// Removes the members whose file has been gone for `grace`: editors and rsync delete before they write.
    public mutating func expire(at now: Timestamp, grace: Duration) -> Changes {
        var changes = Changes()
        for name in members.keys.sorted() where members[name]?.goneSince.map({ $0 + grace <= now }) ?? false {
            members[name] = nil
            changes.removed.append(name)
        }
        if !changes.removed.isEmpty {
            changes.audienceChanged = true
            reckonGone()
            renewAudience()
        }
        return changes
    }

    /// When the next member expires; `nil` if none is gone.
    public func nextExpiry(grace: Duration) -> Timestamp? {
        firstGone.map { $0 + grace }
    }

    mutating func reckonGone() {
        firstGone = members.values.compactMap { $0.goneSince }.min()
    }

    /// The names of those that hear an event, sorted: also those whose file has never been good, since they may turn
    /// out to hear it, and an invoice must not pass them by. Operator events go to those only that name them.
    ///
    /// - Parameter body: the event's body, asked for only if somebody has conditions on it (``Subscription/match``).
    public func audience(of event: String, body: @autoclosure () -> [UInt8]) -> [String] {
        let audience = listeners.audience(of: event)
        return audience.filters.isEmpty ? audience.names : audience.names(hearing: body())
    }

    /// The names of those that ask for events of a name, sorted, whatever their conditions make of a body.
    public func audience(of event: String) -> [String] {
        listeners.audience(of: event).names
    }

    /// Those that hear an event today: never the subscription that it is about.
    public func hearers(of event: WebhookEvent) -> [String] {
        let names = audience(of: event.type, body: event.body)
        return event.subject == nil ? names : names.filter { $0 != event.subject }
    }

    private mutating func renewAudience() {
        version += 1
        listeners = Listeners(members.values)
        hasOrder = members.values.contains { $0.subscription.map { $0.ordering != .none } ?? false }
    }

    private mutating func update(
        _ name: String, _ file: Result<Subscription, SubscriptionError>, isPaused: Bool, at now: Timestamp,
        _ changes: inout Changes
    ) {
        let old = members[name]
        var member = old ?? Member(name: name, isPaused: isPaused)
        member.goneSince = nil
        member.isPaused = isPaused
        if old == nil {
            changes.added.append(name)
            changes.audienceChanged = true
        } else if old?.isPaused != isPaused {
            if isPaused { changes.paused.append(name) } else { changes.resumed.append(name) }
        } else if old?.goneSince != nil, !isPaused {
            changes.resumed.append(name)
        }
        switch file {
        case .success(let subscription):
            let old = member.subscription
            if old?.events != subscription.events || old?.match != subscription.match
                || old?.ordering != subscription.ordering
            {
                changes.audienceChanged = true
            }
            member.subscription = subscription
            member.fileError = nil
        case .failure(let error): member.fileError = error
        }
        member.lapse = member.subscription?.signing.lapse(of: name, at: now)
        changes.note(name, old?.error, member.error)
        members[name] = member
    }
}

extension Roster.Changes {
    /// Notes that a subscription was in order, or wrong, and is so no more.
    fileprivate mutating func note(_ name: String, _ before: SubscriptionError?, _ now: SubscriptionError?) {
        if let now, now != before { broken.append(now) }
        if now == nil, before != nil { mended.append(name) }
    }
}
