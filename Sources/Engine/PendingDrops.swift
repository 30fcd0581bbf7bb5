internal import Claim
internal import HeapModule
internal import Times

/// The drops that wait for their writer, and which of them is to be looked at next.
///
/// That is asked on every turn, so it is known without going through all of them.
struct PendingDrops {
    private struct Look: Comparable {
        let moment: Timestamp
        let drop: Drop

        static func < (a: Look, b: Look) -> Bool { a.moment < b.moment }
    }

    private var drops: [Drop: Intake.Pending] = [:]
    /// Holds the look of each drop, and some that no drop waits for any more; the earliest is always one of the former.
    private var looks = Heap<Look>()
    /// Drops that only have to be quiet for a while.
    private(set) var unsettled = 0

    var count: Int { drops.count }

    /// When the next drop is to be looked at.
    var next: Timestamp? { looks.min?.moment }

    /// Mostly there are none, and each look in a dictionary, even an empty one, takes a hash of the drop.
    subscript(drop: Drop) -> Intake.Pending? { drops.isEmpty ? nil : drops[drop] }

    mutating func insert(_ drop: Drop, _ pending: Intake.Pending) {
        if let old = drops.updateValue(pending, forKey: drop), old.isUnsettled { unsettled -= 1 }
        if pending.isUnsettled { unsettled += 1 }
        if let moment = pending.lookAgainAt { looks.insert(Look(moment: moment, drop: drop)) }
        clearStale()
    }

    @discardableResult
    mutating func remove(_ drop: Drop) -> Intake.Pending? {
        guard !drops.isEmpty, let old = drops.removeValue(forKey: drop) else { return nil }
        if old.isUnsettled { unsettled -= 1 }
        clearStale()
        return old
    }

    /// The next drop whose moment has come; it goes on waiting, without one.
    mutating func popDue(at now: Timestamp) -> (drop: Drop, pending: Intake.Pending)? {
        guard let first = looks.min, first.moment <= now, let pending = drops[first.drop] else { return nil }
        drops[first.drop]?.lookAgainAt = nil
        clearStale()
        return (first.drop, pending)
    }

    /// The clock was set: each waits for as long as before.
    mutating func shift(by shift: Duration) {
        drops = drops.mapValues { pending in
            Intake.Pending(
                reason: pending.reason, since: pending.since + shift,
                lookAgainAt: pending.lookAgainAt.map { $0 + shift },
                cutOff: pending.cutOff.map { Intake.Pending.CutOff(since: $0.since + shift, snapshot: $0.snapshot) })
        }
        looks = Heap(drops.compactMap { drop, pending in pending.lookAgainAt.map { Look(moment: $0, drop: drop) } })
    }

    private mutating func clearStale() {
        while let first = looks.min, drops[first.drop]?.lookAgainAt != first.moment { looks.removeMin() }
        // What is inserted again and again leaves its old looks behind, which must not outgrow the rest.
        guard looks.count > 2 * drops.count + 64 else { return }
        looks = Heap(drops.compactMap { drop, pending in pending.lookAgainAt.map { Look(moment: $0, drop: drop) } })
    }
}

extension Intake.Pending {
    fileprivate var isUnsettled: Bool {
        if case .unsettled = reason { true } else { false }
    }
}
