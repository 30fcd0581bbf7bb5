internal import Claim
public import Deliver
internal import DequeModule
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// From a prepared request to its last attempt.
extension Engine {
    /// What claiming or loading a request came to.
    mutating func prepared(_ key: Key, _ result: ClaimResult, at now: Timestamp, _ actions: inout [Action]) {
        switch result {
        case .ready(let work, let round):
            let job = jobs[key]
            if let round {
                actions.append(.report(.returned(key, round)))
            } else if job == nil, work.log.deliveries.isEmpty, work.attemptsModified == nil, !key.isEntry,
                let id = work.event.invoiceID
            {
                actions.append(.report(.processed(key, invoiceID: id)))
            }
            begin(work, beside: job, hasReturned: round != nil, at: now, &actions)
        case .unprocessed(let assignment, let round):
            if let round { actions.append(.report(.returned(key, round))) }
            assign(assignment, at: now)
        case .buried(let report):
            uncrowded(.dead, at: now, &actions)
            tally.dead += 1
            actions.append(.report(.buried(key, report)))
        case .blocked: actions.append(.report(.blocked(key)))
        case .crowded(let state): crowded(key, state, at: now, &actions)
        case .vanished: leaveOrder(key, at: now, &actions)
        case .duplicate, .conflict, .derived, .keyless, .incomplete, .beingWritten, .unsettled, .notARequest: break
        }
    }

    /// - Parameter old: what is known of the request already.
    private mutating func begin(
        _ work: Work, beside old: Job?, hasReturned: Bool, at now: Timestamp, _ actions: inout [Action]
    ) {
        if let old {
            // It left processing/ and came back while an attempt was under way: read it again when that is recorded. A walk
            // that met it a moment before the answer to its claim was heard finds nothing new.
            if hasReturned || !old.isSame(as: work) { old.isStale = true }
            return
        }
        window.remove(work.key)
        let plan = plan(work.event, work.log, sidecarModified: work.attemptsModified, at: now)
        var tasks: [Job.Task] = []
        tasks.reserveCapacity(plan.items.count)
        var disabled: [DeliveryPlan.Item] = []
        for item in plan.items {
            if isDisabled(item.subscription) {
                disabled.append(item)
            } else {
                let isManual = plan.isForced || work.log.rounds > 0 && item.attemptInRound == 1
                tasks.append(Job.Task(item, isManual: isManual))
            }
        }
        let job = Job(work, tasks: consume tasks, rosterVersion: roster.version)
        awaitGhosts(plan, in: job)
        job.recordedDue = work.attemptsModified
        jobs[work.key] = job
        enterOrder(job)
        for task in job.tasks.indices { offer(job, task, isFresh: true, at: now, &actions) }
        recordPlan(plan, disabled, of: job, work.attemptsModified, at: now, &actions)
        conclude(job, at: now, &actions)
    }

    private func plan(
        _ event: WebhookEvent, _ log: DeliveryLog, sidecarModified: Timestamp?, at now: Timestamp
    ) -> DeliveryPlan {
        log.plan(
            eventID: event.id, subscriptions: roster.hearers(of: event), exists: { exists($0, at: now) }, now: now,
            sidecarModified: sidecarModified, waitingSince: event.timestamp, longestWait: { longestWait($0) })
    }

    /// Takes in who has come to hear of a request while a call of it is under way: what ends for others waits until it is
    /// planned anew after that call, and the first attempt must not.
    mutating func admitNewcomers(to job: Job, at now: Timestamp) {
        let known = Set(job.tasks.map(\.deliveryID))
        let first = job.tasks.count
        for item in plan(job.event, job.log, sidecarModified: nil, at: now).items
        where !known.contains(item.deliveryID) && !isDisabled(item.subscription) {
            job.tasks.append(Job.Task(item, isManual: job.log.rounds > 0 && item.attemptInRound == 1))
        }
        enterOrder(job, from: first)
    }

    /// Writes down what planning decided: the deliveries that end, and the moment if the file says a later one.
    private mutating func recordPlan(
        _ plan: DeliveryPlan, _ disabled: [DeliveryPlan.Item], of job: Job, _ modified: Timestamp?, at now: Timestamp,
        _ actions: inout [Action]
    ) {
        // What was just claimed has no file to differ from the plan.
        if modified == nil, disabled.isEmpty, plan.toEnd.isEmpty, plan.unheard.isEmpty { return }
        var lines: [AttemptLine] = []
        let unmatched = plan.unheard.filter { roster.members[$0.subscription] != nil }
        for (deliveries, reason) in [(plan.toEnd, AttemptLine.EndReason.unsubscribed), (unmatched, .unmatched)] {
            for delivery in deliveries {
                lines.append(
                    .ended(
                        deliveryID: delivery.deliveryID, subscription: delivery.subscription, reason: reason, at: now))
                actions.append(.report(.ended(job.key, subscription: delivery.subscription, reason)))
                leaveOrder(job.key, delivery.subscription, at: now, &actions)
            }
        }
        for item in disabled {
            lines.append(
                .ended(
                    deliveryID: item.deliveryID, subscription: item.subscription, reason: .subscriptionDisabled, at: now
                ))
            actions.append(.report(.ended(job.key, subscription: item.subscription, .subscriptionDisabled)))
            leaveOrder(job.key, item.subscription, at: now, &actions)
        }
        let due = plan.items.map(\.notBefore).min() ?? now
        let isLate = modified.map { $0 > max(due, now) + .seconds(1) } ?? false
        if !lines.isEmpty || isLate { append(lines, to: job, at: now, &actions) }
    }

    func longestWait(_ name: String) -> Duration {
        (roster.members[name]?.subscription?.retry ?? .standard).longestWait
    }

    /// Posts a delivery that is due, or queues it, or sends it back to the disk.
    ///
    /// - Parameter isFresh: its request was found in processing/ a moment ago; one that has been in memory for longer is
    ///   looked for again, since a person may have taken it away meanwhile.
    mutating func offer(
        _ job: Job, _ task: Int, isFresh: Bool = false, at now: Timestamp, _ actions: inout [Action]
    ) {
        guard case .waiting(let moment) = job.tasks[task].state, moment <= now, !isStopping else { return }
        let name = job.tasks[task].subscription
        job.tasks[task].state = .waiting(.distantPast)
        // Without a member the job's plan is out of date, and is made anew when it is concluded.
        guard let outlet = outlet(of: name), let member = outlet.member else { return }
        guard isItsTurn(job, task) else {
            job.tasks[task].state = .held
            return
        }
        guard member.isOpen, let subscription = member.subscription, outlet.queue.count < mostQueued(outlet),
            policy.retries || !outlet.isHeldBySubscriber || job.tasks[task].isManual
        else {
            return overflow(outlet)
        }
        let turn = Outlet.Turn(job: job, task: task)
        let isManual = job.tasks[task].isManual
        if isManual ? !outlet.queue.hasManual : outlet.queue.isEmpty,
            hasRoom(outlet, subscription, forManual: isManual)
        {
            post(turn, to: subscription, outlet, afterWaiting: !isFresh, at: now, &actions)
        } else {
            job.tasks[task].state = .queued
            outlet.queue.append(turn)
            standInLine(outlet, subscription)
        }
    }

    /// How many deliveries may queue for one subscription: half of all that memory has room for, shared by those that are
    /// so slow that not all of theirs fits.
    private func mostQueued(_ outlet: Outlet) -> Int {
        let slow = overflowed.count + (outlet.hasOverflowed ? 0 : 1)
        return max(1, limits.jobs / 2 / max(1, slow))
    }

    /// Whether another post may begin. A few places are each subscription's own: those that hang can take all the
    /// common ones.
    func hasRoom(_ outlet: Outlet, _ subscription: Subscription, forManual: Bool = false) -> Bool {
        postsPausedUntil == nil && outlet.isReady(subscription, forManual: forManual)
            && (posts.count < limits.posts || outlet.inFlight < limits.postsEach)
    }

    /// `nil` if there is no such subscription, and no call to it under way.
    private mutating func outlet(of name: String) -> Outlet? {
        if let outlet = outlets[name] { return outlet }
        guard let member = roster.members[name] else { return nil }
        let outlet = Outlet(name, member)
        outlets[name] = outlet
        return outlet
    }

    mutating func overflow(_ outlet: Outlet) {
        outlet.hasOverflowed = true
        overflowed.insert(outlet.name)
        holdBack(outlet)
    }

    /// Has what queues posted when there is a common place for it, or when its subscription is ready for it.
    private mutating func standInLine(_ outlet: Outlet, _ subscription: Subscription) {
        if outlet.isReady(subscription) || outlet.queue.hasManual && outlet.isReady(subscription, forManual: true) {
            guard !outlet.isInLine else { return }
            outlet.isInLine = true
            line.append(outlet)
        } else {
            holdBack(outlet)
        }
    }

    /// Remembers that a pause of this subscription has to end. The batch job that waits for no retries doesn't wait for
    /// this either.
    private mutating func holdBack(_ outlet: Outlet) {
        guard outlet.closedUntil != nil, policy.retries || !outlet.isHeldBySubscriber else { return }
        heldBack.insert(outlet.name)
    }

    /// Goes on with the subscriptions whose pause is over.
    mutating func letGo(at now: Timestamp, _ actions: inout [Action]) {
        for name in heldBack {
            guard let outlet = outlets[name], !outlet.queue.isEmpty || outlet.hasOverflowed else {
                heldBack.remove(name)
                continue
            }
            guard outlet.reopen(at: now) else { continue }
            heldBack.remove(name)
            pump(outlet, at: now, &actions)
        }
    }

    private mutating func post(
        _ turn: Outlet.Turn, to subscription: Subscription, _ outlet: Outlet, afterWaiting: Bool, at now: Timestamp,
        _ actions: inout [Action]
    ) {
        lastPost += 1
        outlet.begin(lastPost, subscription, at: now)
        beginInOrder(turn.job.key, subscription)
        posts[lastPost] = Outlet.Call(job: turn.job, task: turn.task, outlet: outlet, subscription: subscription)
        let task = turn.job.tasks[turn.task]
        turn.job.tasks[turn.task].state = .posting
        actions.append(
            .post(
                Post(
                    id: lastPost, key: turn.job.key, subscription: subscription, event: turn.job.event.type,
                    deliveryID: task.deliveryID, attempt: task.attempt, body: turn.job.event.body,
                    afterWaiting: afterWaiting)
            ))
    }

    /// Posts what is queued as far as there is room: in this subscription's own places, then one by one in turn with the
    /// others in line.
    mutating func pump(_ outlet: Outlet?, at now: Timestamp, _ actions: inout [Action]) {
        guard !isStopping else { return }
        if let outlet {
            while outlet.inFlight < limits.postsEach, postNext(outlet, at: now, &actions) {}
            stayInLine(outlet)
        }
        while postsPausedUntil == nil, posts.count < limits.posts, let next = line.popFirst() {
            next.isInLine = false
            if postNext(next, at: now, &actions) { stayInLine(next) }
        }
    }

    private mutating func stayInLine(_ outlet: Outlet) {
        guard !outlet.queue.isEmpty, let subscription = outlet.member?.subscription else { return }
        standInLine(outlet, subscription)
    }

    /// Posts the first that is queued; `false` if there is none, or no room.
    private mutating func postNext(_ outlet: Outlet, at now: Timestamp, _ actions: inout [Action]) -> Bool {
        guard let member = outlet.member, member.isOpen, let subscription = member.subscription else { return false }
        while let turn = nextTurn(outlet, subscription) {
            guard turn.job.tasks[turn.task].state == .queued else { continue }
            post(turn, to: subscription, outlet, afterWaiting: true, at: now, &actions)
            return true
        }
        return false
    }

    private func nextTurn(_ outlet: Outlet, _ subscription: Subscription) -> Outlet.Turn? {
        if hasRoom(outlet, subscription) { return outlet.queue.popFirst() }
        return hasRoom(outlet, subscription, forManual: true) ? outlet.queue.popManual() : nil
    }

    mutating func posted(
        _ id: UInt64, _ result: AttemptResult, startedAt: Timestamp, duration: Duration, trace: AttemptTrace,
        at now: Timestamp, _ actions: inout [Action]
    ) {
        guard let call = endPost(id, result, startedAt: startedAt, at: now, &actions) else { return }
        let job = call.job
        let task = job.tasks[call.task]
        // The subscription's file may have gone while the call was under way: the attempt is recorded all the same, and
        // planning anew ends the delivery.
        let member = call.outlet.member?.subscription
        let next = member.map { nextAttempt(of: task, $0, after: result, at: now) } ?? now
        var record = AttemptRecord(
            // What was sent is what an answer may repeat, and must not be written down.
            deliveryID: task.deliveryID, subscription: call.subscription, event: job.event.type,
            attempt: task.attempt, startedAt: startedAt, duration: duration, result: result, nextAttemptAt: next,
            trace: trace)
        record.isManual = task.isManual
        job.tasks[call.task].attempt += 1
        job.tasks[call.task].attemptInRound += 1
        job.tasks[call.task].isManual = false
        job.tasks[call.task].state = record.nextAttemptAt.map { .waiting($0) } ?? .finished
        if record.outcome == .delivered {
            tally.delivered += 1
            actions.append(.report(.delivered(job.key, subscription: task.subscription, attempt: task.attempt)))
        } else {
            tally.failedAttempts += 1
            actions.append(.report(.failed(job.key, record)))
        }
        var aftermath = Aftermath()
        if let member { aftermath = judge(record, result, of: member, about: job, at: now, &actions) }
        append([.attempt(record)], to: job, followedBy: aftermath, at: now, &actions)
        if job.tasks[call.task].state == .finished { leaveOrder(job.key, task.subscription, at: now, &actions) }
        if let disabling = aftermath.disabling { disable(disabling, at: now, &actions) }
        pump(call.outlet, at: now, &actions)
    }

    private mutating func nextAttempt(
        of task: Job.Task, _ subscription: Subscription, after result: AttemptResult, at now: Timestamp
    ) -> Timestamp? {
        switch Verdict.of(result) {
        case .delivered, .giveUp: return nil
        case .retry(let retryAfter):
            let draw = Double.random(in: 0..<1, using: &random)
            return subscription.retry.wait(afterAttempt: task.attemptInRound, retryAfter: retryAfter, random: draw)
                .map { now + $0 }
        }
    }

    mutating func gone(_ id: UInt64, at now: Timestamp, _ actions: inout [Action]) {
        guard let call = endPost(id, nil, startedAt: now, at: now, &actions) else { return }
        call.job.tasks[call.task].state = .waiting(.distantPast)
        call.job.isStale = true
        conclude(call.job, at: now, &actions)
        pump(call.outlet, at: now, &actions)
    }

    /// Notes the end of a call; `result` is `nil` for one that was not made.
    mutating func endPost(
        _ id: UInt64, _ result: AttemptResult?, startedAt: Timestamp, at now: Timestamp, _ actions: inout [Action]
    ) -> Outlet.Call? {
        guard let call = posts.removeValue(forKey: id) else { return nil }
        let outlet = call.outlet
        let subscription = outlet.member?.subscription ?? Subscription(name: outlet.name, url: "")
        switch outlet.end(id, result, subscription, startedAt: startedAt, at: now) {
        case .opened(let moment)?: actions.append(.report(.breakerOpened(outlet.name, until: moment)))
        case .closed?: actions.append(.report(.breakerClosed(outlet.name)))
        case nil: break
        }
        if outlet.hasOverflowed { holdBack(outlet) }
        if !policy.retries, outlet.isHeldBySubscriber, !outlet.queue.isEmpty { sendBack(outlet, at: now, &actions) }
        if outlet.inFlight == 0, outlet.member == nil { forget(outlet.name) }
        return call
    }
}

extension AttemptRecord {
    /// Why an attempt failed, in a few words.
    public var reason: String {
        if let httpStatus { return "HTTP \(httpStatus)" + (instruction.map { ", \($0.rawValue)" } ?? "") }
        return refusal ?? error?.rawValue ?? outcome.rawValue
    }
}
