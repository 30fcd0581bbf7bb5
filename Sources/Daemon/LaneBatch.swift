internal import Claim
internal import Engine
internal import Settle
internal import Spool
internal import SystemPackage
internal import Times

/// How batches of transitions are performed: everything is written, flushed once and, unless it is to be moved, answered.
/// The moves are flushed and answered with the next batch, or by `finish`: while there is work, a batch costs one flush.
/// Under `--durability process` the flushes are nothing, and everything is answered at once.
///
/// A class, since copies of it would each count references to the spool's directories. It belongs to one thread.
final class LaneBatch {
    private let spool: Spool
    private let transitions: Transitions
    private let herald: Herald
    private var commit: Commit
    /// The answers to what was moved since the last flush, and whose they are.
    private var moved: [Event] = []
    private var movedKeys: Set<Key> = []
    /// Whose `.invoice` was written by a batch that could not be flushed.
    private var unflushed: Set<Key> = []

    init(
        _ spool: Spool, maximumBytes: Int, usesProcessor: Bool, window: Duration, durability: Durability,
        announcer: Announcer
    ) {
        self.spool = spool
        herald = Herald(spool, maximumBytes: maximumBytes)
        transitions = Transitions(
            spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor, window: window, herald: herald,
            announcer: announcer)
        commit = Commit(durability, whole: durability == .full ? WholeFlush(spool) : nil)
    }

    /// Performs a batch, and returns the answers to what is durable now: of earlier batches, too.
    func perform(_ works: ArraySlice<LaneWork>, now: Timestamp) -> [Event] {
        // The answers about one key come in the order of its work.
        var events = works.contains { $0.key.map(movedKeys.contains) ?? false } ? finish() : []
        if let code = raise(works, &events) {
            return events + answersToMoves(code) + works.map { $0.failure(code) }
        }
        var steps = write(works, now: now)
        let failure = flush()
        events.absorb(answersToMoves(failure))
        if let failure { return events + takeBack(works, failure) }
        forgetNames(works, steps)
        publish(&steps, works, &events)
        for (step, work) in zip(steps, works) {
            if case .answer(let event) = step {
                events.append(event)
            } else {
                move(step, of: work, now: now)
            }
        }
        if commit.durability == .process { events.absorb(finish()) }
        return events
    }

    /// Writes everything of a batch, in order, and returns a step for each work.
    private func write(_ works: ArraySlice<LaneWork>, now: Timestamp) -> [LaneStep] {
        var steps: [LaneStep] = []
        steps.reserveCapacity(works.count)
        var rest = works
        while let work = rest.first {
            let row = rest.prefix { $0.isOfRow }
            if row.count > 1 {
                claim(row, now: now, &steps)
            } else {
                steps.append(write(work, now: now))
            }
            rest = rest.dropFirst(max(1, row.count))
        }
        return steps
    }

    private func write(_ work: LaneWork, now: Timestamp) -> LaneStep {
        do throws(Errno) {
            if !unflushed.isEmpty, let key = work.key { try renew(key) }
            return try transitions.write(work, now: now, commit: &commit)
        } catch {
            return .answer(work.failure(error))
        }
    }

    /// Claims drops that stand side by side, and processes them then: what each claim relies on is asked once for all.
    private func claim(_ row: ArraySlice<LaneWork>, now: Timestamp, _ steps: inout [LaneStep]) {
        let ground = transitions.beginRow()
        var outcomes: [Result<ClaimOutcome, Errno>] = []
        outcomes.reserveCapacity(row.count)
        for case .claim(let drop, let evidence, let evenIfIncomplete) in row {
            do throws(Errno) {
                if !unflushed.isEmpty { try renew(drop.key) }
                outcomes.append(
                    .success(
                        try transitions.claim(
                            drop, evidence: evidence, evenIfIncomplete: evenIfIncomplete, in: ground, now: now,
                            commit: &commit)))
            } catch {
                outcomes.append(.failure(error))
            }
        }
        let isTrue = ground.map { transitions.isTrue($0) } ?? true
        for (claimed, work) in zip(outcomes, row) {
            guard case .claim(let drop, _, _) = work else { continue }
            do throws(Errno) {
                let outcome = isTrue ? try claimed.get() : try transitions.recheck(claimed.get(), of: drop)
                steps.append(try transitions.process(outcome, of: drop, now: now, commit: &commit))
            } catch {
                steps.append(.answer(work.failure(error)))
            }
        }
    }

    /// What was written may not be durable, and the kernel may have dropped it and call the next flush a success: nobody
    /// relies on it before it has been written once more.
    private func takeBack(_ works: ArraySlice<LaneWork>, _ failure: Errno) -> [Event] {
        for work in works {
            switch work {
            case .record(let record): transitions.takeBack(record)
            case .claim(let drop, _, _) where drop.isUnkeyed: break
            case .claim, .load, .complete: if let key = work.key { unflushed.insert(key) }
            case .refuse, .bringHome, .archive, .buryUnread: break
            }
        }
        return [.unflushed(failure)] + works.map { $0.failure(failure) }
    }

    /// Writes once more what could not be flushed, before anything else is done with it.
    private func renew(_ key: Key) throws(Errno) {
        guard unflushed.contains(key) else { return }
        try transitions.renewInvoice(of: key)
        unflushed.remove(key)
    }

    /// Flushes what was moved and answers it: to be called when there is no further batch to do so.
    func finish() -> [Event] {
        moved.isEmpty ? [] : answersToMoves(flush())
    }

    private func answersToMoves(_ failure: Errno?) -> [Event] {
        if moved.isEmpty { return [] }
        defer {
            moved.removeAll(keepingCapacity: true)
            movedKeys.removeAll(keepingCapacity: true)
        }
        return if let failure { moved + [.unflushed(failure)] } else { moved }
    }

    private func move(_ step: LaneStep, of work: LaneWork, now: Timestamp) {
        if commit.durability == .full, let key = work.key { movedKeys.insert(key) }
        do throws(Errno) {
            moved.append(try transitions.move(step, now: now, commit: &commit))
        } catch {
            moved.append(step.failure(error) ?? work.failure(error))
        }
    }

    /// Raises the events that attempts call for, before these are written down. Returns why it can't.
    private func raise(_ works: ArraySlice<LaneWork>, _ events: inout [Event]) -> Errno? {
        var staged: [Herald.Staged] = []
        do throws(Errno) {
            for case .record(let record) in works {
                for draft in record.raising {
                    if let entry = try herald.stage(draft, commit: &commit) { staged.append(entry) }
                }
            }
            if staged.isEmpty { return nil }
            try commit.flush(spool)
            for entry in staged where try herald.publish(entry, commit: &commit) {
                events.append(.raised(entry.key, type: entry.type))
            }
            try commit.flush(spool)
            return nil
        } catch {
            return error
        }
    }

    /// Puts the entries of refused requests where they are delivered from, durably, before any of these is moved: the
    /// two are in different directories, and no file system promises to keep the order of two renames.
    private func publish(_ steps: inout [LaneStep], _ works: ArraySlice<LaneWork>, _ events: inout [Event]) {
        var published: [(step: Int, work: LaneWork)] = []
        for (index, work) in zip(steps.indices, works) {
            guard case .bury(_, _, let entry?) = steps[index] else { continue }
            do throws(Errno) {
                if try herald.publish(entry, commit: &commit) { events.append(.raised(entry.key, type: entry.type)) }
                published.append((index, work))
            } catch {
                steps[index] = .answer(work.failure(error))
            }
        }
        guard !published.isEmpty, let code = flush() else { return }
        for (index, work) in published { steps[index] = .answer(work.failure(code)) }
    }

    /// Once what was claimed, loaded or completed has its `.invoice` or `.error` durably, the file's name is in there.
    private func forgetNames(_ works: ArraySlice<LaneWork>, _ steps: [LaneStep]) {
        if spool.keySource == .name { return }
        for (work, step) in zip(works, steps) where !step.isRefused {
            switch work {
            case .claim(let drop, _, _) where drop.isUnkeyed: continue
            case .claim, .load, .complete: break
            default: continue
            }
            guard let key = work.key, !key.isEntry else { continue }
            let names = OriginalName(spool)
            if step.holdsName { try? names.forget(key) } else { try? names.forgetUnneeded(key) }
        }
    }

    private func flush() -> Errno? {
        do throws(Errno) {
            try commit.flush(spool)
            return nil
        } catch {
            return error
        }
    }
}
