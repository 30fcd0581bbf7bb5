internal import DequeModule

/// The deliveries that wait for their turn at one subscription.
///
/// What a person asked for goes first. Of the others, retries get every fourth turn while first attempts wait, and
/// first attempts the rest: neither starves the other.
///
/// A class that counts what it holds: that is asked many times for each invoice, and to look at the queues themselves, which
/// change in place, would be checked at run time.
final class TurnQueue {
    private var manual: Deque<Outlet.Turn> = []
    private var first: Deque<Outlet.Turn> = []
    private var retries: Deque<Outlet.Turn> = []
    private var turnsOfFirst = 0

    static let turnsBeforeARetry = 3

    private(set) var count = 0
    private(set) var hasManual = false
    var isEmpty: Bool { count == 0 }

    func append(_ turn: Outlet.Turn) {
        count += 1
        let task = turn.job.tasks[turn.task]
        if task.isManual {
            manual.append(turn)
            hasManual = true
        } else if task.attemptInRound == 1 {
            first.append(turn)
        } else {
            retries.append(turn)
        }
    }

    /// Puts back what could not be posted.
    func prepend(_ turn: Outlet.Turn) {
        count += 1
        let task = turn.job.tasks[turn.task]
        if task.isManual {
            manual.prepend(turn)
            hasManual = true
        } else if task.attemptInRound == 1 {
            first.prepend(turn)
        } else {
            retries.prepend(turn)
        }
    }

    func popManual() -> Outlet.Turn? {
        guard hasManual, let turn = manual.popFirst() else { return nil }
        count -= 1
        hasManual = !manual.isEmpty
        return turn
    }

    func popFirst() -> Outlet.Turn? {
        if let turn = popManual() { return turn }
        guard let turn = popOther() else { return nil }
        count -= 1
        return turn
    }

    private func popOther() -> Outlet.Turn? {
        if turnsOfFirst < TurnQueue.turnsBeforeARetry || retries.isEmpty, let turn = first.popFirst() {
            turnsOfFirst += 1
            return turn
        }
        turnsOfFirst = 0
        return retries.popFirst() ?? first.popFirst()
    }

    /// Takes everything out.
    func removeAll() -> [Outlet.Turn] {
        defer {
            (manual, first, retries, turnsOfFirst) = ([], [], [], 0)
            (count, hasManual) = (0, false)
        }
        return Array(manual) + Array(first) + Array(retries)
    }
}
