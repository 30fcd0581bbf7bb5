internal import Deliver
internal import DequeModule
internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// Requests in processing/ that are to be read again.
struct LoadQueue {
    private var waiting: Deque<Key> = []
    private var known: Set<Key> = []
    private(set) var underWay = 0

    var isEmpty: Bool { known.isEmpty }
    var count: Int { known.count }
    var queued: Int { waiting.count }

    func contains(_ key: Key) -> Bool { known.contains(key) }

    mutating func append(_ key: Key) {
        if known.insert(key).inserted { waiting.append(key) }
    }

    mutating func next() -> Key? {
        guard let key = waiting.popFirst() else { return nil }
        underWay += 1
        return key
    }

    /// All of them, under way or not.
    var keys: Set<Key> { known }

    mutating func putFirst(_ key: Key) {
        if !known.insert(key).inserted { waiting.removeAll { $0 == key } }
        waiting.prepend(key)
    }

    mutating func finished(_ key: Key) {
        underWay -= 1
        known.remove(key)
    }
}

/// A walk over processing/, and what it is for.
struct Sweep {
    enum Purpose: Int, Comparable {
        /// To find what is due and was sent back to the disk for want of room; pauses while there is none.
        case refill
        /// To find what was let go or never known.
        case find
        /// To plan every request anew, since somebody else hears of invoices now.
        case reconsider

        static func < (a: Purpose, b: Purpose) -> Bool { a.rawValue < b.rawValue }
    }

    private(set) var purpose: Purpose?
    private(set) var again: Purpose?
    var isReading = false
    var fromStart = false
    /// The subscriptions for which a refill is under way.
    var refilled: Set<String> = []

    var isAtRest: Bool { purpose == nil }
    /// Whether another walk is to follow this one.
    var isAwaited: Bool { again != nil }

    mutating func begin(_ new: Purpose) {
        if purpose == nil {
            purpose = new
            fromStart = true
        } else {
            again = max(again ?? new, new)
        }
    }

    mutating func end() {
        purpose = again
        fromStart = again != nil
        again = nil
    }
}

/// What waits in processing/: for its moment, or for room.
extension Engine {
    mutating func advanceWaiting(at now: Timestamp, _ actions: inout [Action]) {
        guard knowsAudience, !trouble.isStanding else { return }
        if policy.retries {
            while loads.queued < limits.loads, let key = window.popDue(at: now) { fallsDue(key, at: now, &actions) }
            if window.needsRescan(at: now), !findsAll { sweep.begin(.find) }
        }
        if sweep.isAtRest, !thirstyOutlets.isEmpty { sweep.begin(.refill) }
        while loads.underWay < limits.loads, jobs.count + loads.underWay < mostLoaded, mayTakeUp, loadNext(&actions) {}
        if sweep.purpose != nil, !sweep.isReading, loads.queued < limits.loads, jobs.count < limits.jobs, !isSated {
            if sweep.fromStart { beginSweep() }
            sweep.isReading = true
            actions.append(.sweepProcessing(fromStart: sweep.fromStart))
            sweep.fromStart = false
        }
    }

    /// Something of a request is due, or was when its moment was set.
    private mutating func fallsDue(_ key: Key, at now: Timestamp, _ actions: inout [Action]) {
        guard let job = jobs[key] else { return loads.append(key) }
        conclude(job, at: now, &actions)
    }

    /// Requests in memory up to which more are loaded: the rest is for drops, whose first attempts must not starve.
    private var mostLoaded: Int { limits.jobs - limits.jobs / 4 }

    /// Takes up the next request that is to be read again; `false` if there is none.
    @discardableResult
    mutating func loadNext(_ actions: inout [Action]) -> Bool {
        guard let key = loads.next() else { return false }
        if isBanned(.request(key)) {
            loads.finished(key)
        } else {
            takeUp(.request(key), &actions)
            actions.append(.load(key))
        }
        return true
    }

    /// When something that waits can be taken up.
    func considerWaiting(_ first: inout Earliest) {
        guard policy.retries, knowsAudience, !trouble.isStanding else { return }
        if loads.queued < limits.loads { first.consider(window.next) }
        if !findsAll { first.consider(window.horizon) }
    }

    /// Whether a walk that meets all that was let go is to come anyway.
    private var findsAll: Bool { sweep.isAwaited || (sweep.fromStart && sweep.purpose != .refill) }

    /// The subscriptions that could take more of what was sent back to the disk.
    var thirstyOutlets: [Outlet] {
        overflowed.compactMap { outlets[$0] }.filter { outlet in
            guard let member = outlet.member, member.isOpen, let subscription = member.subscription else {
                return false
            }
            return outlet.queue.isEmpty && hasRoom(outlet, subscription)
        }
    }

    /// Whether a sweep for more would only find what there is no room for: each subscription that it began for has
    /// overflowed again, and nothing else asks for a sweep.
    var isSated: Bool {
        sweep.purpose == .refill && !sweep.fromStart && !sweep.isReading && !sweep.isAwaited
            && sweep.refilled.isSubset(of: overflowed) && thirstyOutlets.isEmpty
    }

    private mutating func beginSweep() {
        // A refill may pause half way, so it does not count as having met what was let go.
        if sweep.purpose != .refill { window.beginRescan() }
        if sweep.purpose == .reconsider { planningIsWalked() }
        sweep.refilled.removeAll()
        for outlet in thirstyOutlets {
            sweep.refilled.insert(outlet.name)
            outlet.hasOverflowed = false
            overflowed.remove(outlet.name)
        }
    }

    mutating func swept(
        _ result: Result<[(key: Key, modified: Timestamp?)], Errno>, isLast: Bool, at now: Timestamp,
        _ actions: inout [Action]
    ) {
        sweep.isReading = false
        switch result {
        case .success(let entries): meet(entries, at: now, &actions)
        case .failure(let code):
            // Begun anew, and not as a refill, which would pause.
            let purpose = max(sweep.purpose ?? .find, .find)
            sweep.end()
            sweep.begin(purpose)
            return suffer(nil, code, at: now, &actions)
        }
        guard isLast else { return }
        if sweep.purpose == .reconsider, sweep.again != .reconsider {
            orderWasWalked()
            planningWasWalked()
        }
        sweep.end()
    }

    private mutating func meet(
        _ entries: [(key: Key, modified: Timestamp?)], at now: Timestamp, _ actions: inout [Action]
    ) {
        let latest = latestMoment(at: now)
        for (key, modified) in entries where !loads.contains(key) && !processor.contains(key) {
            if let job = jobs[key] {
                conclude(job, at: now, &actions)
            } else if sweep.purpose == .reconsider || modified.map({ $0 <= now || $0 > latest }) ?? true {
                loads.append(key)
            } else if let modified {
                window.insert(key, due: modified)
            }
        }
    }

    /// A moment further ahead than any schedule waits comes from a wrong clock.
    private func latestMoment(at now: Timestamp) -> Timestamp {
        let longest = roster.members.keys.map(longestWait).max() ?? RetrySchedule.standard.longestWait
        return now + max(longest, processor.longestWait) + .seconds(1)
    }

    mutating func loaded(
        _ key: Key, _ result: Result<ClaimResult, Errno>, at now: Timestamp, _ actions: inout [Action]
    ) {
        loads.finished(key)
        defer { processor.wasFetched(key) }
        switch result {
        case .success(let result):
            // That nothing stands there does not show that the file system takes work again.
            if case .vanished = result {} else { wellAgain(&actions) }
            refusedLoads[key] = nil
            prepared(key, result, at: now, &actions)
        case .failure(let code) where code.concernsOneFile:
            if refusedLoads[key] == nil { actions.append(.report(.unclaimable(key, code))) }
            if refusedLoads.count >= limits.pending { refusedLoads.removeAll() }
            let pause = min(refusedLoads[key].map { $0 * 2 } ?? Trouble.pause, Intake.longestPause)
            refusedLoads[key] = pause
            window.insert(key, due: now + pause)
        case .failure(let code):
            loads.append(key)
            suffer(key, code, at: now, &actions)
        }
    }

    /// A person's `touch` makes a request due now, or later; our own setting of the time does not.
    mutating func touched(_ key: Key, modified: Timestamp, at now: Timestamp, _ actions: inout [Action]) {
        if let job = jobs[key] {
            job.isFresh = false
            guard modified <= now + .seconds(1), !job.wasSet(to: modified) else { return }
            for task in job.tasks.indices {
                guard job.tasks[task].state != .posting, job.tasks[task].state != .finished else { continue }
                // One that was queued is queued again, in front; its old turn finds it gone.
                job.tasks[task].state = .waiting(.distantPast)
                job.tasks[task].isManual = true
                offer(job, task, at: now, &actions)
            }
            conclude(job, at: now, &actions)
        } else if let due = window[key] {
            if modified < due - .seconds(1), modified <= now + .seconds(1) {
                window.remove(key)
                loads.append(key)
            } else if modified != due, modified > now {
                window.insert(key, due: modified)
            }
        } else if modified <= now + .seconds(1) {
            loads.append(key)
        } else if !loads.contains(key) {
            window.insert(key, due: modified)
        }
    }

    /// Whether memory has no room for drops, or for what is to be loaded.
    var isCramped: Bool {
        jobs.count >= limits.jobs || loads.queued > 0 && jobs.count + loads.underWay >= mostLoaded
    }

    /// When memory is full of requests that only wait for a subscription which does not move, they go back to the disk:
    /// one slow or dead subscriber must not hold up the others.
    mutating func relieve(at now: Timestamp, _ actions: inout [Action]) {
        guard isCramped else { return }
        for outlet in outlets.values where !outlet.queue.isEmpty {
            guard outlet.isStalled(at: now), let subscription = outlet.member?.subscription,
                !hasRoom(outlet, subscription)
            else { continue }
            sendBack(outlet, at: now, &actions)
        }
    }

    /// Empties a subscription's queue; what was in it is found again by a sweep.
    mutating func sendBack(_ outlet: Outlet, at now: Timestamp, _ actions: inout [Action]) {
        overflow(outlet)
        for turn in outlet.queue.removeAll() {
            turn.job.tasks[turn.task].state = .waiting(.distantPast)
            conclude(turn.job, at: now, &actions)
        }
    }

    // MARK: Trouble

    /// The file system refused something: claiming and loading pause, and what is under way is tried again.
    mutating func suffer(_ key: Key?, _ code: Errno, at now: Timestamp, _ actions: inout [Action]) {
        if !trouble.isReported { actions.append(.report(.trouble(code, key))) }
        trouble.retryAt = now + Trouble.pause
        trouble.isReported = true
        trouble.code = code
    }

    mutating func wellAgain(_ actions: inout [Action]) {
        guard trouble.isReported, !trouble.isStanding, trouble.records.isEmpty else { return }
        trouble.isReported = false
        trouble.code = nil
        trouble.retries = 0
        actions.append(.report(.recovered))
    }

    mutating func retryRecords(at now: Timestamp, _ actions: inout [Action]) {
        retryCrowded(at: now, &actions)
        guard let moment = trouble.retryAt, moment <= now else { return }
        trouble.retryAt = nil
        trouble.retries += 1
        stock.wantsLook = true
        // A drop whose comparison was broken off stands there, where no scan meets it.
        actions.append(.listAside)
        for record in trouble.records {
            // Somebody else may hear of it by now, or it came back: then it does not end here.
            let stands = jobs[record.key].map(isCurrent) ?? true
            actions.append(.record(stands ? record : record.withoutEnding))
        }
        trouble.records.removeAll()
    }
}
