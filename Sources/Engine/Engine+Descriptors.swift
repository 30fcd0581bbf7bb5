internal import Deliver
internal import DequeModule
internal import Spool
internal import SystemPackage
internal import Times

/// Posts that could not be made for want of descriptors.
extension Engine {
    /// It goes back to the head of its queue, with the number that it had: the subscriber has heard nothing. Posting pauses,
    /// and claiming with it.
    mutating func unposted(_ id: UInt64, _ code: Errno, at now: Timestamp, _ actions: inout [Action]) {
        guard let call = endPost(id, nil, startedAt: now, at: now, &actions) else { return }
        suffer(nil, code, at: now, &actions)
        if !isStopping { postsPausedUntil = now + Trouble.pause }
        call.job.tasks[call.task].state = .waiting(.distantPast)
        guard let outlet = outlets[call.outlet.name], !isStopping else {
            return conclude(call.job, at: now, &actions)
        }
        call.job.tasks[call.task].state = .queued
        outlet.queue.prepend(Outlet.Turn(job: call.job, task: call.task))
        if !(outlet.member?.isOpen ?? false) { sendBack(outlet, at: now, &actions) }
    }

    mutating func resumePosts(at now: Timestamp, _ actions: inout [Action]) {
        guard let moment = postsPausedUntil, moment <= now else { return }
        postsPausedUntil = nil
        for name in outlets.keys.sorted() { pump(outlets[name], at: now, &actions) }
    }
}
