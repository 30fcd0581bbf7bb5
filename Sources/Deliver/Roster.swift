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
        public internal(set) var error: SubscriptionError?
        public internal(set) var isPaused: Bool
        /// Whether its deliveries end without an attempt, and count as given up.
        public internal(set) var isDisabled = false
        /// Since when its file has been gone.
        public internal(set) var goneSince: Timestamp?

        /// Whether deliveries may be attempted: otherwise they wait, and use up no attempt.
        public var isOpen: Bool { subscription != nil && !isPaused && !isDisabled && goneSince == nil }
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

    public private(set) var members: [String: Member] = [:]
    /// Counts the changes of the audience: work that was planned under an older number is planned anew.
    public private(set) var version = 0

    public init() {}

    public mutating func apply(_ snapshot: Snapshot, at now: Timestamp) -> Changes {
        var changes = Changes()
        for (name, file) in snapshot.subscriptions.sorted(by: { $0.key < $1.key }) {
            update(name, file, isPaused: snapshot.paused.contains(name), &changes)
            setDisabled(name, snapshot.disabled.contains(name), &changes)
        }
        for name in members.keys.sorted() where snapshot.subscriptions[name] == nil {
            // A moment that is still to come was taken from a clock that has been set back since.
            guard members[name]?.goneSince.map({ $0 > now }) ?? true else { continue }
            if members[name]?.goneSince == nil { changes.gone.append(name) }
            members[name]?.goneSince = now
        }
        if changes.audienceChanged { version += 1 }
        return changes
    }

    /// Disables a member at once; its file is to follow.
    public mutating func disable(_ name: String) -> Changes {
        var changes = Changes()
        setDisabled(name, true, &changes)
        if changes.audienceChanged { version += 1 }
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
            version += 1
        }
        return changes
    }

    /// When the next member expires; `nil` if none is gone.
    public func nextExpiry(grace: Duration) -> Timestamp? {
        members.values.compactMap { $0.goneSince }.min().map { $0 + grace }
    }

    /// The names of those that hear an event, sorted: also those whose file has never been good, since they may turn
    /// out to hear it, and an invoice must not pass them by. Operator events go to those only that name them.
    public func audience(of event: String) -> [String] {
        let isForAll = !EventBody.isOperatorEvent(event)
        return members.values.filter { $0.subscription?.hears(event) ?? isForAll }.map(\.name).sorted()
    }

    private mutating func update(
        _ name: String, _ file: Result<Subscription, SubscriptionError>, isPaused: Bool, _ changes: inout Changes
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
            if member.error != nil { changes.mended.append(name) }
            if member.subscription?.events != subscription.events { changes.audienceChanged = true }
            member.subscription = subscription
            member.error = nil
        case .failure(let error):
            if member.error != error { changes.broken.append(error) }
            member.error = error
        }
        members[name] = member
    }
}
