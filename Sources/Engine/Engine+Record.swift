internal import Claim
internal import Deliver
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// From an attempt that was made, or a plan, to its line in the sidecar, and from the last line to the settling.
extension Engine {
    /// Appends lines, and settles in the same step if nothing else is open.
    mutating func append(
        _ lines: [AttemptLine], to job: Job, followedBy aftermath: Aftermath = Aftermath(), at now: Timestamp,
        _ actions: inout [Action]
    ) {
        let isFirst = job.isFresh && job.log.deliveries.isEmpty && !lines.isEmpty
        for line in lines { job.log.apply(line) }
        job.recordedDue = job.nextDue(after: now)
        if job.recordedDue == nil, !job.isFinished, lines.isEmpty || job.firstScheduled(after: now) != nil {
            // Something is due since it was processed and has no line to say so: an mtime of now would read as a
            // person's touch, and bring forward those that have a moment.
            job.recordedDue = job.event.timestamp
        }
        let ends = job.isFinished && !job.isActive && isCurrent(job)
        job.openRecords += 1
        actions.append(
            .record(
                Record(
                    key: job.key, lines: lines, isFirst: isFirst, closingTornLine: job.hadTornLine,
                    due: job.recordedDue,
                    ending: ends ? ending(of: job, disabling: aftermath.disabling, at: now) : nil,
                    raising: aftermath.raising,
                    disabling: aftermath.disabling)))
    }

    func isCurrent(_ job: Job) -> Bool {
        !job.isStale && job.rosterVersion == roster.version
    }

    private func ending(of job: Job, disabling: Disabling?, at now: Timestamp) -> Record.Ending {
        let givenUp = job.log.deliveries.filter(\.isGivenUp)
        if givenUp.isEmpty { return .done }
        return .dead(
            .deliveryFailed(job.key, job.event, givenUp, at: now) { $0 == disabling?.subscription || isDisabled($0) })
    }

    mutating func recorded(
        _ record: Record, _ result: Result<RecordResult, Errno>, at now: Timestamp, _ actions: inout [Action]
    ) {
        if case .success = result, let disabling = record.disabling { actions.append(.disable(disabling)) }
        guard let job = jobs[record.key] else { return }
        switch result {
        case .failure(let code):
            // The outcome is kept and written when it can be: a delivery is not repeated because of a full disk.
            trouble.records.append(record.again)
            return suffer(record.key, code, at: now, &actions)
        case .success(let result):
            wellAgain(&actions)
            job.openRecords -= 1
            finish(job, record, result, at: now, &actions)
        }
    }

    private mutating func finish(
        _ job: Job, _ record: Record, _ result: RecordResult, at now: Timestamp, _ actions: inout [Action]
    ) {
        switch (result, record.ending) {
        case (.settled, .done?):
            uncrowded(.done, at: now, &actions)
            if !job.key.isEntry { tally.done += 1 }
            actions.append(.report(.done(job.key)))
            forget(job)
        case (.settled, .dead(let report)?):
            uncrowded(.dead, at: now, &actions)
            tally.dead += 1
            actions.append(.report(.buried(job.key, report)))
            forget(job)
        case (.vanished, _):
            actions.append(.report(.vanished(job.key)))
            forget(job)
            leaveOrder(job.key, at: now, &actions)
        case (.blocked, _):
            actions.append(.report(.blocked(job.key)))
            forget(job)
        case (.crowded(let state), _):
            crowded(record, state, at: now, &actions)
        case (.recorded, _), (.settled, nil):
            conclude(job, at: now, &actions)
        }
    }

    /// Settles a job, or lets it go from memory, once nothing is under way for it; until then it goes on with the
    /// deliveries that wait for none of that. What has been recorded comes first: nothing is called again before its last
    /// attempt stands.
    mutating func conclude(_ job: Job, at now: Timestamp, _ actions: inout [Action]) {
        // Most have one delivery, which is under way: they are not looked up for that.
        guard job.openRecords == 0, !(job.isAllUnderWay && isCurrent(job)), jobs[job.key] === job, !isStopping,
            !crowd.holds(job.key)
        else { return }
        if isCurrent(job) {
            if job.isFinished { return append([], to: job, at: now, &actions) }
            offerOverlooked(job, job.tasks.indices, at: now, &actions)
        } else if !job.isActive {
            // Somebody else hears of it now, or it came back: read it again and plan anew.
            forget(job)
            return loads.append(job.key)
        } else if !job.isStale {
            admitNewcomers(to: job, at: now)
            let hearers = Set(roster.hearers(of: job.event))
            let heard = job.tasks.indices.filter { hearers.contains(job.tasks[$0].subscription) }
            offerOverlooked(job, heard, at: now, &actions)
        }
        let due = job.firstScheduled(after: now)
        if !job.isActive { forget(job) }
        if let due { window.insert(job.key, due: due) }
        job.isScheduled = due != nil
    }

    private mutating func forget(_ job: Job) {
        jobs[job.key] = nil
        if job.isScheduled { window.remove(job.key) }
    }

    /// Offers what fell due while something else of the job was under way, or was met by a sweep meanwhile: once the job
    /// has gone from memory, only a sweep that is still to come would find it.
    private mutating func offerOverlooked(
        _ job: Job, _ tasks: some Sequence<Int>, at now: Timestamp, _ actions: inout [Action]
    ) {
        for task in tasks where !(outlets[job.tasks[task].subscription]?.hasOverflowed ?? false) {
            offer(job, task, at: now, &actions)
        }
    }
}

extension Job {
    /// The earliest delivery that has a moment, though others are due and wait for room.
    func firstScheduled(after now: Timestamp) -> Timestamp? {
        tasks.compactMap { task -> Timestamp? in
            if case .waiting(let moment) = task.state, moment > now { moment } else { nil }
        }.min()
    }
}
