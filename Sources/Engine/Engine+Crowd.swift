internal import Spool
internal import SystemPackage
internal import Times

/// Requests that are done with, and whose directory takes no more names though the disk has room: an ext4 directory whose
/// index is full.
///
/// They wait in processing/, delivered and recorded. One of them is tried now and then; once it fits, all are.
struct Crowd {
    private(set) var records: [Key: Record] = [:]
    /// Rejected ones, which are in memory no more.
    var rejected: Set<Key> = []
    var states: Set<State> = []
    var retryAt: Timestamp?
    /// How often one was tried again in vain.
    var retries = 0

    /// Short at first: it may have been a moment's want.
    var pause: Duration { retries == 0 ? .seconds(1) : .seconds(5) }
    var isEmpty: Bool { records.isEmpty && rejected.isEmpty }

    func holds(_ key: Key) -> Bool { records[key] != nil }

    mutating func add(_ record: Record) { records[record.key] = record }

    /// Takes out the one that is tried first, or all.
    mutating func take(all: Bool) -> [Record] {
        let taken = records.values.sorted { $0.key.name < $1.key.name }.prefix(all ? records.count : 1)
        for record in taken { records[record.key] = nil }
        return Array(taken)
    }
}

extension Engine {
    /// A request whose lines stand, and which can't leave processing/.
    mutating func crowded(_ record: Record, _ state: State, at now: Timestamp, _ actions: inout [Action]) {
        crowd.add(record.withoutLines)
        note(state, at: now, &actions)
    }

    /// One that was rejected before it had any: read again later.
    mutating func crowded(_ key: Key, _ state: State, at now: Timestamp, _ actions: inout [Action]) {
        if crowd.rejected.count < limits.pending { crowd.rejected.insert(key) } else { sweep.begin(.find) }
        note(state, at: now, &actions)
    }

    private mutating func note(_ state: State, at now: Timestamp, _ actions: inout [Action]) {
        if crowd.states.insert(state).inserted { actions.append(.report(.crowded(state))) }
        crowd.retryAt = crowd.retryAt ?? now + crowd.pause
    }

    mutating func retryCrowded(at now: Timestamp, _ actions: inout [Action]) {
        guard let moment = crowd.retryAt, moment <= now else { return }
        crowd.retryAt = nil
        crowd.retries += 1
        retryCrowded(all: false, at: now, &actions)
    }

    private mutating func retryCrowded(all: Bool, at now: Timestamp, _ actions: inout [Action]) {
        for key in all ? Array(crowd.rejected) : Array(crowd.rejected.prefix(1)) {
            crowd.rejected.remove(key)
            loads.append(key)
        }
        for record in crowd.take(all: all) {
            guard let job = jobs[record.key] else { continue }
            guard isCurrent(job) else {
                // Somebody else hears of it by now, or it came back.
                conclude(job, at: now, &actions)
                continue
            }
            job.openRecords += 1
            actions.append(.record(record))
        }
        if !crowd.isEmpty { crowd.retryAt = crowd.retryAt ?? now + crowd.pause }
    }

    /// Whatever came to stand there shows that the directory takes names again.
    mutating func uncrowded(_ state: State, at now: Timestamp, _ actions: inout [Action]) {
        guard !crowd.states.isEmpty, crowd.states.remove(state) != nil else { return }
        crowd.retries = 0
        actions.append(.report(.uncrowded(state)))
        retryCrowded(all: true, at: now, &actions)
    }
}
