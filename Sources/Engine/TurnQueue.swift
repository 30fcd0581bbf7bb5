internal import DequeModule

/// The deliveries that wait for their turn at one subscription.
///
/// What a person asked for goes first. Of the others, retries get every fourth turn while first attempts wait, and
/// first attempts the rest: neither starves the other.
struct TurnQueue {
    private var manual: Deque<Outlet.Turn> = []
    private var first: Deque<Outlet.Turn> = []
    private var retries: Deque<Outlet.Turn> = []
    private var turnsOfFirst = 0

    static let turnsBeforeARetry = 3

    var count: Int { manual.count + first.count + retries.count }
    var isEmpty: Bool { manual.isEmpty && first.isEmpty && retries.isEmpty }
    var hasManual: Bool { !manual.isEmpty }

    mutating func append(_ turn: Outlet.Turn) {
        let task = turn.job.tasks[turn.task]
        if task.isManual {
            manual.append(turn)
        } else if task.attemptInRound == 1 {
            first.append(turn)
        } else {
            retries.append(turn)
        }
    }

    /// Puts back what could not be posted.
    mutating func prepend(_ turn: Outlet.Turn) {
        let task = turn.job.tasks[turn.task]
        if task.isManual {
            manual.prepend(turn)
        } else if task.attemptInRound == 1 {
            first.prepend(turn)
        } else {
            retries.prepend(turn)
        }
    }

    mutating func popManual() -> Outlet.Turn? { manual.popFirst() }

    mutating func popFirst() -> Outlet.Turn? {
        if let turn = manual.popFirst() { return turn }
        if turnsOfFirst < TurnQueue.turnsBeforeARetry || retries.isEmpty, let turn = first.popFirst() {
            turnsOfFirst += 1
            return turn
        }
        turnsOfFirst = 0
        return retries.popFirst() ?? first.popFirst()
    }

    /// Takes everything out.
    mutating func removeAll() -> [Outlet.Turn] {
        defer { self = TurnQueue() }
        return Array(manual) + Array(first) + Array(retries)
    }
}
