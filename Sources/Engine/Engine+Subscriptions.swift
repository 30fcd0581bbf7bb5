internal import Deliver
internal import Spool
internal import Times

/// Who hears of invoices.
extension Engine {
    /// Something in subscriptions/ is another than it was when it was last read. A drop that came after that is for who
    /// stands there now, so nothing is claimed until it has been read.
    mutating func subscriptionsChanged() {
        unreadChanges += 1
        knowsAudience = false
    }

    mutating func subscriptions(
        _ snapshot: Roster.Snapshot?, afterChange: Bool, at now: Timestamp, _ actions: inout [Action]
    ) {
        if afterChange { unreadChanges -= 1 }
        guard let snapshot else {
            if !saidUnreadable { actions.append(.report(.subscriptionsUnreadable)) }
            saidUnreadable = true
            knowsAudience = false
            return
        }
        if saidUnreadable { actions.append(.report(.subscriptionsReadable)) }
        saidUnreadable = false
        let isFirst = !hasSeenRoster
        hasSeenRoster = true
        knowsAudience = unreadChanges == 0
        if isFirst { forgetHealth(health.subscriptions.keys.filter { snapshot.subscriptions[$0] == nil }, &actions) }
        if isFirst { ghostsUntil = now + policy.unsubscribeAfter }
        var today = snapshot
        today.disabled.formUnion(health.disabling.keys)
        follow(roster.apply(today, at: now), isFirst: isFirst, at: now, &actions)
    }

    mutating func expireSubscriptions(at now: Timestamp, _ actions: inout [Action]) {
        if hasGhosts, !isWithinGrace(now) {
            hasGhosts = false
            // The walk passes over what is in memory: that is read again when its calls have ended.
            for job in jobs.values where job.tasks.contains(where: { roster.members[$0.subscription] == nil }) {
                job.rosterVersion = nil
            }
            sweep.begin(.reconsider)
        }
        if let moment = roster.nextKeyChange, moment <= now {
            follow(roster.reckonKeys(at: now), isFirst: false, at: now, &actions)
        }
        guard let expiry = roster.nextExpiry(grace: policy.unsubscribeAfter), expiry <= now else { return }
        follow(roster.expire(at: now, grace: policy.unsubscribeAfter), isFirst: false, at: now, &actions)
    }

    private func isWithinGrace(_ now: Timestamp) -> Bool {
        ghostsUntil.map { now < $0 && now >= $0 - policy.unsubscribeAfter } ?? false
    }

    /// Whether there is a subscription of that name, or might be again in a moment.
    func exists(_ name: String, at now: Timestamp) -> Bool {
        roster.members[name] != nil || isWithinGrace(now)
    }

    /// Keeps what is pending for subscriptions that may be on their way back. Each waits for its own moment at least: the
    /// mtime of `.attempts` comes from these, and one before the earliest of the lines is a person's touch.
    mutating func awaitGhosts(_ plan: DeliveryPlan, in job: Job) {
        for delivery in plan.unheard where roster.members[delivery.subscription] == nil {
            hasGhosts = true
            job.tasks.append(
                Job.Task(
                    subscription: delivery.subscription, deliveryID: delivery.deliveryID,
                    attempt: delivery.attempts + 1, attemptInRound: delivery.attemptsInRound + 1,
                    state: .waiting(max(ghostsUntil ?? .distantPast, delivery.notBefore ?? .distantPast))))
        }
    }

    mutating func follow(
        _ changes: Roster.Changes, isFirst: Bool, at now: Timestamp, _ actions: inout [Action]
    ) {
        for outlet in outlets.values { outlet.member = roster.members[outlet.name] }
        report(changes, isFirst: isFirst, &actions)
        forgetHealth(changes.disabled + changes.enabled + changes.removed, &actions)
        tellWhetherHeard(&actions)
        forgetOrder()
        for outlet in outlets.values where !(outlet.member?.isOpen ?? false) {
            if !outlet.queue.isEmpty { sendBack(outlet, at: now, &actions) }
        }
        for name in changes.removed where outlets[name]?.inFlight == 0 { forget(name) }
        for name in outlets.keys.sorted() { pump(outlets[name], at: now, &actions) }
        // At start too: somebody may have come or gone while nobody was looking.
        if changes.audienceChanged || isFirst { planAnew(isFirst: isFirst, &actions) }
    }

    mutating func forget(_ name: String) {
        outlets[name] = nil
        overflowed.remove(name)
        heldBack.remove(name)
        books[name] = nil
    }

    private func report(_ changes: Roster.Changes, isFirst: Bool, _ actions: inout [Action]) {
        for error in changes.broken { actions.append(.report(.subscriptionBroken(error))) }
        for name in changes.mended { actions.append(.report(.subscriptionMended(name))) }
        for name in changes.removed { actions.append(.report(.subscriptionRemoved(name))) }
        for name in changes.gone { actions.append(.report(.subscriptionGone(name, grace: policy.unsubscribeAfter))) }
        for name in changes.paused { actions.append(.report(.subscriptionPaused(name))) }
        for name in changes.disabled { actions.append(.report(.subscriptionDisabled(name, health.disabling[name]))) }
        for name in changes.enabled { actions.append(.report(.subscriptionEnabled(name))) }
        for name in changes.resumed { actions.append(.report(.subscriptionResumed(name))) }
        if !isFirst { for name in changes.added { actions.append(.report(.subscriptionAdded(name))) } }
    }
}
