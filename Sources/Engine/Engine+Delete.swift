internal import Spool
internal import SystemPackage
internal import Times

/// The walk over archive/ that deletes the days which ended long enough ago.
///
/// It follows a walk over done/ that went well: what a crash left of a move to the archive has then been finished, and
/// nothing is deleted from under it. It takes one small step at a time.
struct DeletionWalk {
    var isWalking = false
    var fromStart = false
    var isStepping = false
    /// Since when the next step has made way for drops.
    var yieldingSince: Timestamp?
    /// The days of which people know why they stay.
    var told: Set<ArchiveDay> = []
    var saidFailure = false

    mutating func begin() {
        guard !isWalking else { return }
        isWalking = true
        fromStart = true
    }

    /// How long a step makes way for drops that are to be claimed.
    static let patience = Duration.seconds(1)
    /// Days whose reasons are remembered.
    static let mostTold = 4096
}

extension Engine {
    mutating func advanceDeletion(at now: Timestamp, _ actions: inout [Action]) {
        guard policy.deleteAfter != nil else { return }
        if archive.isAtRest, archive.isClean {
            archive.isClean = false
            deletion.begin()
        }
        guard deletion.isWalking, !deletion.isStepping, archive.isAtRest, !yields(at: now) else { return }
        deletion.isStepping = true
        actions.append(.deleteArchived(fromStart: deletion.fromStart))
        deletion.fromStart = false
    }

    /// When the next step is taken even if there are drops to be claimed.
    var nextDeletion: Timestamp? {
        guard deletion.isWalking, !deletion.isStepping, archive.isAtRest else { return nil }
        return deletion.yieldingSince.map { $0 + DeletionWalk.patience }
    }

    /// Drops come first, but not for ever: a spool that is always busy fills up otherwise.
    private mutating func yields(at now: Timestamp) -> Bool {
        let isBusy = !intake.queue.isEmpty || !intake.claiming.isEmpty || intake.isScanning
        guard isBusy else {
            deletion.yieldingSince = nil
            return false
        }
        let since = min(deletion.yieldingSince ?? now, now)
        deletion.yieldingSince = since
        guard since + DeletionWalk.patience <= now else { return true }
        deletion.yieldingSince = nil
        return false
    }

    mutating func deleted(_ result: Result<DeletionStep?, Errno>, _ actions: inout [Action]) {
        deletion.isStepping = false
        switch result {
        case .success(let step?):
            deletion.saidFailure = false
            report(step, &actions)
        case .success(nil):
            deletion.saidFailure = false
            deletion.isWalking = false
        case .failure(let code):
            deletion.isWalking = false
            if !deletion.saidFailure { actions.append(.report(.undeletable(code))) }
            deletion.saidFailure = true
        }
    }

    private mutating func report(_ step: DeletionStep, _ actions: inout [Action]) {
        if step.files > 0 { actions.append(.report(.deleting(step.day, files: step.files))) }
        switch step.outcome {
        case .goesOn: break
        case .gone(let files):
            deletion.told.remove(step.day)
            actions.append(.report(.deleted(step.day, files: files)))
        case .left(_, let reason):
            if deletion.told.count >= DeletionWalk.mostTold { deletion.told.removeAll() }
            if deletion.told.insert(step.day).inserted {
                actions.append(.report(.notDeleted(step.day, because: reason)))
            }
        }
    }
}
