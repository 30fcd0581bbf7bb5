internal import DequeModule
internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// The walk over done/ that moves what has left the idempotency window to the archive.
///
/// It goes on a batch at a time and has few moves under way, so that new work never waits for it.
struct ArchiveWalk {
    var isWalking = false
    var fromStart = false
    var isReading = false
    var queue: Deque<Key> = []
    var underWay = 0
    var nextStart: Timestamp?
    /// The walk has met no error so far, and what it is for has not been done yet; see ``DeletionWalk``.
    var isClean = false
    /// The errors of which people know, and those that this walk has met: one that a whole walk went without is told anew.
    var told: Set<Errno> = []
    var met: Set<Errno> = []

    mutating func begin() {
        isWalking = true
        fromStart = true
        isClean = true
        told.formIntersection(met)
        met.removeAll()
    }

    var isAtRest: Bool { !isWalking && queue.isEmpty && underWay == 0 }

    /// Moves under way at once.
    static let breadth = 16
}

extension Engine {
    /// How long after the beginning of one walk the next begins: often enough that nothing stays much longer than the
    /// window, seldom enough that walking over a large done/ is no work.
    static func archiveInterval(_ window: Duration) -> Duration {
        min(max(window / 24, .seconds(1)), .seconds(3600))
    }

    var mayArchive: Bool { !trouble.isStanding && knowsAudience && !recovery.isCautious }

    mutating func advanceArchive(at now: Timestamp, _ actions: inout [Action]) {
        guard let window = policy.idempotencyWindow, mayArchive else { return }
        let interval = Engine.archiveInterval(window)
        // A clock that was set back must not postpone the next walk for longer than its interval.
        let isDue = archive.nextStart.map { $0 <= now || $0 > now + interval } ?? true
        if isDue, archive.isAtRest {
            archive.nextStart = now + interval
            archive.begin()
        }
        // What is moved into a folder must not meet what deletes it.
        guard !deletion.isStepping else { return }
        while archive.underWay < ArchiveWalk.breadth, let key = archive.queue.popFirst() {
            archive.underWay += 1
            actions.append(.archive(key))
        }
        if archive.isWalking, !archive.isReading, archive.queue.isEmpty {
            archive.isReading = true
            actions.append(.scanDone(fromStart: archive.fromStart))
            archive.fromStart = false
        }
    }

    /// The next keys in done/ whose window may have passed.
    mutating func expired(_ result: Result<[Key], Errno>, isLast: Bool, _ actions: inout [Action]) {
        archive.isReading = false
        if isLast { archive.isWalking = false }
        switch result {
        case .success(let keys): archive.queue.append(contentsOf: keys)
        case .failure(let code):
            archive.isWalking = false
            unarchived(nil, code, &actions)
        }
    }

    mutating func archived(_ key: Key, _ result: Result<String?, Errno>, _ actions: inout [Action]) {
        archive.underWay -= 1
        switch result {
        case .success(let day?):
            tally.archived += 1
            actions.append(.report(.archived(key, day: day)))
        case .success(nil): break
        case .failure(let code): unarchived(key, code, &actions)
        }
    }

    /// The next walk meets it again. It may be the archive alone that refuses, where no claim comes to complain of it: a
    /// day's folder that belongs to another user.
    private mutating func unarchived(_ key: Key?, _ code: Errno, _ actions: inout [Action]) {
        if !code.concernsOneFile { archive.queue.removeAll() }
        archive.isClean = false
        archive.met.insert(code)
        if archive.told.insert(code).inserted { actions.append(.report(.unarchivable(key, code))) }
    }
}
