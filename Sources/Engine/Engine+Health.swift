internal import Deliver
public import Spool
internal import SystemPackage
internal import Times

/// How subscriptions fare, and the events that tell operators.
extension Engine {
    func isDisabled(_ name: String) -> Bool { roster.members[name]?.isDisabled ?? false }

    /// Grows whenever ``unwell`` may have changed and nothing else that is told of did.
    public var healthChanges: UInt64 { health.changes }

    /// The subscriptions that fail, by name, as many as are told of.
    public var unwell: [LiveStatus.Unwell] {
        let names = Set(health.subscriptions.keys).union(outlets.values.lazy.filter(\.isHeldBySubscriber).map(\.name))
        return names.filter { roster.members[$0] != nil && !isDisabled($0) }.sorted().prefix(LiveStatus.mostUnwell).map
        {
            LiveStatus.Unwell(
                $0, failingSince: health.subscriptions[$0]?.failingSince, heldBackUntil: outlets[$0]?.heldBackUntil,
                isOnTrial: outlets[$0]?.breaker.isOpen ?? false)
        }
    }

    /// What an attempt calls for. An operator event's own attempts raise nothing, so that no event begets another; nor
    /// do they count as failures, since nobody's invoice waits for them.
    mutating func judge(
        _ record: AttemptRecord, _ result: AttemptResult, of subscription: Subscription, about job: Job,
        at now: Timestamp, _ actions: inout [Action]
    ) -> Aftermath {
        var aftermath = Aftermath()
        let name = subscription.name
        if record.outcome == .delivered {
            recover(name, at: now, &aftermath, &actions)
        } else if !job.event.isOperatorEvent {
            if result.isChargedToReceiver { fail(name, at: now, &aftermath, &actions) }
            if record.nextAttemptAt == nil {
                let draft = EventDraft.exhausted(
                    key: job.key.name, invoiceID: job.event.invoiceID, record, at: now)
                aftermath.raising.append(draft)
            }
        }
        if let reason = result.disablingReason {
            aftermath.disabling = Disabling(subscription: name, reason: reason, at: now)
        }
        if aftermath.disabling != nil, isDisabled(name) { aftermath.disabling = nil }
        if let disabling = aftermath.disabling { aftermath.raising.append(.disabled(disabling, after: record)) }
        aftermath.raising.removeAll { job.event.isOperatorEvent || !isHeard($0, about: name) }
        return aftermath
    }

    private mutating func recover(
        _ name: String, at now: Timestamp, _ aftermath: inout Aftermath, _ actions: inout [Action]
    ) {
        guard !health.subscriptions.isEmpty, let health = health.subscriptions.removeValue(forKey: name) else {
            return
        }
        if health.isKept { actions.append(.keepHealth(name, nil)) }
        guard health.warnedAt != nil else { return }
        actions.append(.report(.subscriptionRecovered(name, since: health.failingSince)))
        aftermath.raising.append(.recovered(name, since: health.failingSince, at: now))
    }

    private mutating func fail(
        _ name: String, at now: Timestamp, _ aftermath: inout Aftermath, _ actions: inout [Action]
    ) {
        var known = health.subscriptions[name] ?? SubscriptionHealth(failingSince: now)
        let step = known.failed(at: now, limit: policy.disableAfter)
        health.subscriptions[name] = known
        switch step {
        case .nothing: break
        case .keep: actions.append(.keepHealth(name, known))
        case .warn:
            actions.append(.keepHealth(name, known))
            actions.append(.report(.subscriptionFailing(name, since: known.failingSince)))
            if let limit = policy.disableAfter {
                aftermath.raising.append(
                    .failing(name, since: known.failingSince, disabledAfter: limit, at: now))
            }
        case .disable:
            aftermath.disabling = Disabling(
                subscription: name, reason: .failing, at: now, failingSince: known.failingSince)
        }
    }

    /// Whether somebody hears an event that is about a subscription: not that one itself, and nobody whose deliveries end
    /// at once.
    private func isHeard(_ draft: EventDraft, about name: String) -> Bool {
        roster.audience(of: draft.type).contains { $0 != name && !isDisabled($0) }
    }

    // MARK: Disabling

    /// From this moment on; the file follows once the attempt that led to it is recorded.
    mutating func disable(_ disabling: Disabling, at now: Timestamp, _ actions: inout [Action]) {
        health.disabling[disabling.subscription] = disabling
        health.underWay += 1
        follow(roster.disable(disabling.subscription), isFirst: false, at: now, &actions)
    }

    mutating func disabled(_ name: String, _ code: Errno?, at now: Timestamp, _ actions: inout [Action]) {
        health.underWay -= 1
        guard let code else {
            health.disabling[name] = nil
            health.isReported = false
            return
        }
        if !health.isReported { actions.append(.report(.disablingUnkept(name, code))) }
        health.isReported = true
        health.retryAt = now + HealthWatch.retryPause
    }

    mutating func retryDisabling(at now: Timestamp, _ actions: inout [Action]) {
        guard health.underWay == 0, let moment = health.retryAt, moment <= now else { return }
        health.retryAt = nil
        for (_, disabling) in health.disabling.sorted(by: { $0.key < $1.key }) {
            health.underWay += 1
            actions.append(.disable(disabling))
        }
    }

    /// A subscription that is enabled again, or has gone, begins anew.
    mutating func forgetHealth(_ names: [String], _ actions: inout [Action]) {
        for name in names {
            if health.subscriptions.removeValue(forKey: name)?.isKept ?? false {
                actions.append(.keepHealth(name, nil))
            }
        }
    }

    /// The wall clock was set: what fails has been failing for as long as before.
    mutating func shiftHealth(by shift: Duration, _ actions: inout [Action]) {
        health.retryAt = health.retryAt.map { $0 + shift }
        for (name, known) in health.subscriptions.sorted(by: { $0.key < $1.key }) {
            let shifted = known.shifted(by: shift)
            health.subscriptions[name] = shifted
            if shifted.isKept { actions.append(.keepHealth(name, shifted)) }
        }
    }

    // MARK: Entries

    mutating func raised(_ key: Key, _ type: String, _ actions: inout [Action]) {
        actions.append(.report(.raised(key, type: type)))
        if !isStopping, jobs[key] == nil { loads.append(key) }
    }

    /// Tells the lanes whether anybody hears that a request was refused.
    mutating func tellWhetherHeard(_ actions: inout [Action]) {
        let isHeard = !roster.audience(of: EventBody.invoiceFailed).isEmpty
        guard isHeard != health.announcesFailures else { return }
        health.announcesFailures = isHeard
        actions.append(.announceFailures(isHeard))
    }
}
