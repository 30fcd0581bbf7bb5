internal import Deliver
internal import Spool
internal import Times

/// The wall clock was set.
///
/// What waits here for a while waits for as long as before. What waits on disk waits for a moment of the wall clock, as
/// its file says: that is read anew, and what is further ahead than any schedule waits is pulled in.
extension Engine {
    mutating func clockSet(by shift: Duration, at now: Timestamp, _ actions: inout [Action]) {
        actions.append(.report(.clockSet(by: shift)))
        intake.shift(by: shift)
        roster.shift(by: shift)
        shiftHealth(by: shift, &actions)
        trouble.retryAt = trouble.retryAt.map { $0 + shift }
        crowd.retryAt = crowd.retryAt.map { $0 + shift }
        postsPausedUntil = postsPausedUntil.map { $0 + shift }
        archive.nextStart = archive.nextStart.map { $0 + shift }
        recovery.trialAt = recovery.trialAt.map { $0 + shift }
        processor.shift(by: shift)
        ghostsUntil = ghostsUntil.map { $0 + shift }
        stock.lookedAt = stock.lookedAt + shift
        for outlet in outlets.values { outlet.lastProgress = outlet.lastProgress + shift }
        for job in jobs.values { pullIn(job, at: now) }
        // Each request's moments are judged by its own subscriptions' schedules.
        sweep.begin(shift < .zero ? .reconsider : .find)
    }

    /// A moment further ahead than the schedule waits comes from the clock as it was.
    private func pullIn(_ job: Job, at now: Timestamp) {
        for task in job.tasks.indices {
            guard case .waiting(let moment) = job.tasks[task].state else { continue }
            let latest = now + longestWait(job.tasks[task].subscription)
            if moment > latest { job.tasks[task].state = .waiting(latest) }
        }
    }
}

extension Intake {
    fileprivate mutating func shift(by shift: Duration) {
        strayLook = strayLook.map { $0 + shift }
        asideLook = asideLook.map { $0 + shift }
        pending.shift(by: shift)
    }
}
