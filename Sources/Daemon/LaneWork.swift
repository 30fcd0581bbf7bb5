internal import Claim
internal import Deliver
internal import Engine
internal import Files
internal import Settle
internal import Spool
internal import SystemPackage
internal import Times

/// A transition that a lane performs.
enum LaneWork: Sendable {
    indirect case claim(Drop, Claimer.Evidence, evenIfIncomplete: Bool)
    case refuse([UInt8], because: String)
    case bringHome(String)
    case load(Key)
    indirect case complete(Completion)
    indirect case record(Record)
    case archive(Key)
    case buryUnread(Suspect)

    /// Work on one key is done in one lane, in the order in which it was asked for.
    var shard: Int { key?.hashValue ?? 0 }

    var key: Key? {
        switch self {
        case .claim(let drop, _, _): drop.key
        case .refuse: nil
        case .bringHome(let name): LaneWork.key(ofSidecar: name)
        case .load(let key), .archive(let key): key
        case .complete(let completion): completion.key
        case .record(let record): record.key
        case .buryUnread(let suspect): suspect.key
        }
    }

    private static func key(ofSidecar name: String) -> Key? {
        name.ranges(of: ".json.").last.flatMap { Key(stem: name[..<$0.lowerBound]) }
    }

    /// The answer when the file system refuses it.
    func failure(_ code: Errno) -> Event {
        switch self {
        case .claim(let drop, _, _): .claimed(drop, .failure(code))
        case .refuse(let name, let reason): .refused(name, because: reason, .failure(code))
        case .bringHome(let name): .broughtHome(name, isLeft: true)
        case .load(let key): .loaded(key, .failure(code))
        case .complete(let completion): .completed(completion.key, .failure(code))
        case .record(let record): .recorded(record, .failure(code))
        case .archive(let key): .archived(key, .failure(code))
        case .buryUnread(let suspect): .buriedUnread(suspect, .failure(code))
        }
    }
}

/// How batches of transitions are performed: everything is written, flushed once and, unless it is to be moved, answered.
/// The moves are flushed and answered with the next batch, or by `finish`: while there is work, a batch costs one flush.
/// Under `--durability process` the flushes are nothing, and everything is answered at once.
///
/// A class, since copies of it would each count references to the spool's directories. It belongs to one thread.
final class LaneBatch {
    let spool: Spool
    let claimer: Claimer
    let preparation: Preparation
    let settler: Settler
    let recorder: Recorder
    let archiver: Archiver
    let herald: Herald
    let announcer: Announcer
    private var commit: Commit
    /// The answers to what was moved since the last flush, and whose they are.
    private var moved: [Event] = []
    private var movedKeys: Set<Key> = []

    init(
        _ spool: Spool, maximumBytes: Int, usesProcessor: Bool, window: Duration, durability: Durability,
        announcer: Announcer
    ) {
        self.spool = spool
        self.announcer = announcer
        herald = Herald(spool, maximumBytes: maximumBytes)
        commit = Commit(durability, whole: durability == .full ? WholeFlush(spool) : nil)
        claimer = Claimer(spool, maximumBytes: maximumBytes)
        preparation = Preparation(spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor)
        settler = Settler(spool)
        recorder = Recorder(spool)
        archiver = Archiver(spool, window: window)
    }

    /// What is left to do with a transition after the first flush.
    private indirect enum Step {
        case answer(Event)
        /// Its `.error` is durable, and so is the event that tells of it, if somebody hears that: move both.
        case bury(Key, ErrorReport, Herald.Staged?, answer: @Sendable (ClaimResult) -> Event)
        /// Its attempts are durable: settle it.
        case settle(Record, Record.Ending)

        /// Whether an `.invoice` or `.error` was written, which tells under which name the request was dropped.
        var holdsName: Bool {
            switch self {
            case .bury, .answer(.claimed(_, .success(.ready))), .answer(.loaded(_, .success(.ready))): true
            case .answer, .settle: false
            }
        }

        /// The answer when the move is refused: its lines stand, and must not be written again.
        func failure(_ code: Errno) -> Event? {
            if case .settle(let record, _) = self { .recorded(record.withoutLines, .failure(code)) } else { nil }
        }
    }

    /// Performs a batch, and returns the answers to what is durable now: of earlier batches, too.
    func perform(_ works: ArraySlice<LaneWork>, now: Timestamp) -> [Event] {
        // The answers about one key come in the order of its work.
        var events = works.contains { $0.key.map(movedKeys.contains) ?? false } ? finish() : []
        if let code = raise(works, &events) {
            return events + answersToMoves(code) + works.map { $0.failure(code) }
        }
        var steps: [Step] = []
        var written: [(work: LaneWork, step: Step)] = []
        steps.reserveCapacity(works.count)
        for work in works {
            do throws(Errno) {
                let step = try write(work, now: now, commit: &commit)
                steps.append(step)
                if spool.keySource != .name { written.append((work, step)) }
            } catch {
                steps.append(.answer(work.failure(error)))
            }
        }
        let failure = flush()
        events += answersToMoves(failure)
        if let failure { return events + works.map { $0.failure(failure) } }
        forgetNames(written)
        publish(&steps, works, &events)
        for (step, work) in zip(steps, works) {
            if case .answer(let event) = step {
                events.append(event)
            } else {
                move(step, of: work, now: now)
            }
        }
        return commit.durability == .full ? events : events + finish()
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

    private func move(_ step: Step, of work: LaneWork, now: Timestamp) {
        if commit.durability == .full, let key = work.key { movedKeys.insert(key) }
        do throws(Errno) {
            moved.append(try move(step, now: now, commit: &commit))
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
    private func publish(_ steps: inout [Step], _ works: ArraySlice<LaneWork>, _ events: inout [Event]) {
        var published: [(step: Int, work: LaneWork)] = []
        for (index, work) in zip(steps.indices, works) {
            guard case .bury(_, _, let entry?, _) = steps[index] else { continue }
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
    private func forgetNames(_ written: [(work: LaneWork, step: Step)]) {
        for (work, step) in written {
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

    private func write(_ work: LaneWork, now: Timestamp, commit: inout Commit) throws(Errno) -> Step {
        switch work {
        case .claim(let drop, let evidence, let evenIfIncomplete):
            let outcome = try claimer.claim(
                drop, evidence: evidence, evenIfIncomplete: evenIfIncomplete, now: now, commit: &commit)
            return try prepare(outcome, of: drop, now: now, commit: &commit)
        case .refuse(let name, let reason):
            let refusedName = try settler.refuse(name, because: reason, now: now, commit: &commit)
            return .answer(.refused(name, because: reason, .success(refusedName)))
        case .bringHome(let name):
            return .answer(.broughtHome(name, isLeft: try claimer.bringHome(name)))
        case .load(let key):
            let outcome = try preparation.load(key, now: now, commit: &commit)
            return try follow(outcome, key, round: nil, now: now, commit: &commit) { .loaded(key, .success($0)) }
        case .complete(let completion):
            let key = completion.key
            let outcome = try preparation.complete(completion, now: now, commit: &commit)
            return try follow(outcome, key, round: nil, now: now, commit: &commit) { .completed(key, .success($0)) }
        case .archive(let key):
            let outcome = try archiver.archive(key, now: now, commit: &commit)
            if case .archived(let day) = outcome { return .answer(.archived(key, .success(day))) }
            return .answer(.archived(key, .success(nil)))
        case .buryUnread(let suspect):
            let burial = try settler.buryUnread(suspect, now: now, commit: &commit)
            return .answer(.buriedUnread(suspect, .success(burial)))
        case .record(let record):
            if let event = settleAtOnce(record, commit: &commit) { return .answer(event) }
            try append(record, commit: &commit)
            guard let ending = record.ending else { return .answer(.recorded(record, .success(.recorded))) }
            if case .dead(let report) = ending { try settler.explain(record.key, report, commit: &commit) }
            return .settle(record, ending)
        }
    }

    /// Where nothing is to be flushed in between, what is recorded once and done with takes one step; `nil` if it can't.
    private func settleAtOnce(_ record: Record, commit: inout Commit) -> Event? {
        guard commit.durability == .process, record.isFirst, case .done? = record.ending else { return nil }
        do throws(Errno) {
            guard try settler.finish(record.key, recording: record.lines) else { return nil }
            return .recorded(record, .success(.settled))
        } catch {
            return .recorded(record.withoutLines, .failure(error))
        }
    }

    /// The last attempt of a request that ends in dead/ is part of the reason: it fits on a full disk, too.
    private func append(_ record: Record, commit: inout Commit) throws(Errno) {
        let write = { [recorder] (commit: inout Commit) throws(Errno) in
            try recorder.record(
                record.lines, for: record.key, closingTornLine: record.closingTornLine, due: record.due,
                commit: &commit)
        }
        guard case .dead? = record.ending else { return try write(&commit) }
        try spool.easing { () throws(Errno) in try write(&commit) }
    }

    /// `nil` if what refused it is one directory that takes no more names, while the disk has room.
    private func unlessCrowded<Outcome>(_ body: () throws(Errno) -> Outcome) throws(Errno) -> Outcome? {
        do throws(Errno) {
            return try body()
        } catch {
            guard error.isOutOfSpace, try !spool.isFull() else { throw error }
            return nil
        }
    }

    private func prepare(
        _ outcome: ClaimOutcome, of drop: Drop, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> Step {
        let answer: @Sendable (ClaimResult) -> Event = { .claimed(drop, .success($0)) }
        switch outcome {
        case .claimed(let claimed, let round):
            let prepared = try preparation.prepare(claimed, round: round, now: now, commit: &commit)
            return try follow(prepared, drop.key, round: round, now: now, commit: &commit, answer)
        case .duplicate(let state): return .answer(answer(.duplicate(of: state)))
        case .conflict(let fileName): return .answer(answer(.conflict(fileName: fileName)))
        case .derived(let keyed): return .answer(answer(.derived(keyed)))
        case .keyless(let fileName, let report): return .answer(answer(.keyless(fileName: fileName, report)))
        case .incomplete(let snapshot): return .answer(answer(.incomplete(snapshot)))
        case .beingWritten: return .answer(answer(.beingWritten))
        case .unsettled(let snapshot): return .answer(answer(.unsettled(snapshot)))
        case .refused(let reason): return .answer(answer(.notARequest(because: reason)))
        case .vanished: return .answer(answer(.vanished))
        }
    }

    private func follow(
        _ outcome: Preparation.Outcome, _ key: Key, round: AttemptLine.Round?, now: Timestamp, commit: inout Commit,
        _ answer: @escaping @Sendable (ClaimResult) -> Event
    ) throws(Errno) -> Step {
        switch outcome {
        case .ready(let work): return .answer(answer(.ready(work, round: round)))
        case .unprocessed(let assignment): return .answer(answer(.unprocessed(assignment, round: round)))
        case .vanished: return .answer(answer(.vanished))
        case .rejected(let report):
            try settler.explain(key, report, commit: &commit)
            let entry = try stageFailure(of: key, report, now: now, commit: &commit)
            return .bury(key, report, entry, answer: answer)
        }
    }

    /// The event that a request was refused, if anybody hears it; an entry is no request.
    private func stageFailure(
        of key: Key, _ report: ErrorReport, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> Herald.Staged? {
        guard announcer.announcesFailures, !key.isEntry,
            let draft = try herald.failure(of: key, report, now: now)
        else { return nil }
        return try herald.stage(draft, commit: &commit)
    }

    private func move(_ step: Step, now: Timestamp, commit: inout Commit) throws(Errno) -> Event {
        switch step {
        case .answer(let event): return event
        case .bury(let key, let report, _, let answer):
            let outcome = try unlessCrowded { () throws(Errno) in
                try settler.bury(key, now: now, commit: &commit)
            }
            switch outcome {
            case .settled: return answer(.buried(report))
            case .vanished: return answer(.vanished)
            case .blocked: return answer(.blocked)
            case nil: return answer(.crowded(.dead))
            }
        case .settle(let record, let ending):
            let isDone = if case .done = ending { true } else { false }
            let outcome = try unlessCrowded { () throws(Errno) in
                try isDone
                    ? settler.finish(record.key, now: now, commit: &commit)
                    : settler.bury(record.key, now: now, commit: &commit)
            }
            switch outcome {
            case .settled: return .recorded(record, .success(.settled))
            case .vanished: return .recorded(record, .success(.vanished))
            case .blocked: return .recorded(record, .success(.blocked))
            case nil: return .recorded(record, .success(.crowded(isDone ? .done : .dead)))
            }
        }
    }
}
