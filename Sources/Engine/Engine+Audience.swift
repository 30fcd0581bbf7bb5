internal import Deliver
internal import Spool

/// For whom the requests that wait in processing/ were planned last.
///
/// A request that waits for a retry need not be read at a start if nobody hears of invoices who did not, and nobody has left:
/// the mtime of its `.attempts` says when it is due. So the audience is written down once every request that waits has been
/// planned for it and what follows from that stands on disk, and it is forgotten, durably, before any is planned for another
/// one. Whatever ends the process in between, a start that finds no audience, or another one, plans them all.
struct Planning {
    /// What is written down.
    var written: String?
    /// The audience when the walk under way began.
    var walked: String?
    /// Those that are still to be seen planned, after a walk over all of processing/; `nil` while none has ended.
    var awaited: [Key]?
}

extension Engine {
    /// Tells for which audience the requests that wait were planned, as ``Action/noteAudience(_:)`` wrote it down; `nil` if
    /// that is not known. To be called before the first event.
    public mutating func resume(plannedFor audience: String?) {
        planning.written = audience
    }

    /// Plans all that waits anew, unless it was planned for the same audience before the start.
    ///
    /// Who hears of a customer's invoices in order has to know all of them, so then it is done all the same.
    mutating func planAnew(isFirst: Bool, _ actions: inout [Action]) {
        let isFamiliar = isFirst && planning.written == roster.audienceMark
        if isFamiliar, !roster.hasOrder { return }
        orderAwaits = nil
        planning.awaited = nil
        if !isFamiliar, planning.written != nil {
            planning.written = nil
            actions.append(.noteAudience(nil))
        }
        sweep.begin(.reconsider)
    }

    /// A walk over all of processing/ begins that plans what it meets.
    mutating func planningIsWalked() {
        planning.walked = roster.audienceMark
        planning.awaited = nil
    }

    /// It has ended, after the last change of the audience.
    mutating func planningWasWalked() {
        planning.awaited = Array(loads.keys) + jobs.keys
    }

    /// Has the audience written down once everything that the walk met has been planned for it, durably.
    mutating func completePlanning(_ actions: inout [Action]) {
        // What waits for a subscription that may come back is planned once more.
        guard planning.awaited != nil, !hasGhosts, sweep.purpose != .reconsider, !sweep.isAwaited else { return }
        while let key = planning.awaited?.last, isPlanned(key) { planning.awaited?.removeLast() }
        guard planning.awaited?.isEmpty ?? false else { return }
        planning.awaited = nil
        guard planning.written != planning.walked else { return }
        planning.written = planning.walked
        actions.append(.noteAudience(planning.written))
    }

    /// What was refused for this one file only is read again later: until then nobody knows.
    private func isPlanned(_ key: Key) -> Bool {
        guard !loads.contains(key), refusedLoads[key] == nil else { return false }
        return jobs[key].map { $0.openRecords == 0 && isCurrent($0) } ?? true
    }
}
