internal import Claim
internal import Deliver
internal import Engine
internal import Files
internal import Settle
internal import Spool
internal import SystemPackage
internal import Times

/// How a transition is performed, in two parts: what is written, and what may be moved once that is durable. When it is
/// flushed, and together with what, is the batch's affair.
///
/// A class, since copies of it would each count references to the spool's directories. It belongs to one thread.
final class Transitions {
    private let spool: Spool
    private let claimer: Claimer
    private let preparation: Preparation
    private let settler: Settler
    private let recorder: Recorder
    private let archiver: Archiver
    private let herald: Herald
    private let announcer: Announcer

    init(
        _ spool: Spool, maximumBytes: Int, usesProcessor: Bool, window: Duration, herald: Herald, announcer: Announcer
    ) {
        self.spool = spool
        self.herald = herald
        self.announcer = announcer
        claimer = Claimer(spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor)
        preparation = Preparation(spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor)
        settler = Settler(spool)
        recorder = Recorder(spool)
        archiver = Archiver(spool, window: window)
    }

    /// Does everything of a transition that comes before the flush; throws what the file system does.
    func write(_ work: LaneWork, now: Timestamp, commit: inout Commit) throws(Errno) -> LaneStep {
        switch work {
        case .claim(let drop, let evidence, let evenIfIncomplete):
            let outcome = try claimer.claim(
                drop, evidence: evidence, evenIfIncomplete: evenIfIncomplete, now: now, commit: &commit)
            return try process(outcome, of: drop, now: now, commit: &commit)
        case .refuse(let name, let reason):
            let refusedName = try settler.refuse(name, because: reason, now: now, commit: &commit)
            return .answer(.refused(name, because: reason, .success(refusedName)))
        case .bringHome(let name):
            return .answer(.broughtHome(name, isLeft: try claimer.bringHome(name)))
        case .load(let key):
            let outcome = try preparation.load(key, now: now, commit: &commit)
            return try follow(outcome, .load(key), round: nil, now: now, commit: &commit)
        case .complete(let completion):
            let outcome = try preparation.complete(completion, now: now, commit: &commit)
            return try follow(outcome, .complete(completion.key), round: nil, now: now, commit: &commit)
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

    /// Begins a row of claims, for ``claim(_:in:now:commit:)``; `nil` where each has to ask for itself.
    func beginRow() -> Claimer.Row? { claimer.beginRow() }

    /// Claims a drop of a row: the first half of what ``write(_:now:commit:)`` does with one.
    func claim(
        _ drop: Drop, evidence: Claimer.Evidence, evenIfIncomplete: Bool, in row: Claimer.Row?, now: Timestamp,
        commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        try claimer.claim(
            drop, evidence: evidence, evenIfIncomplete: evenIfIncomplete, in: row, now: now, commit: &commit)
    }

    /// Whether what the claims of a row relied on is true still.
    func isTrue(_ row: Claimer.Row) -> Bool { claimer.isTrue(row) }

    /// Asks once more what a claim relied on, if it is not true any more for its row.
    func recheck(_ outcome: ClaimOutcome, of drop: Drop) throws(Errno) -> ClaimOutcome {
        try claimer.recheck(outcome, of: drop)
    }

    /// Replaces an `.invoice` that may not have reached the disk by the same bytes in a file of its own, flushed.
    func renewInvoice(of key: Key) throws(Errno) { try preparation.renewInvoice(of: key) }

    /// Removes lines that could not be flushed, so that each stands once however often they are written.
    func takeBack(_ record: Record) { recorder.takeBack(record.lines, of: record.key) }

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

    /// Processes what has been claimed, unless it came back and has been: the second half of what is written of a claim.
    func process(
        _ outcome: consuming ClaimOutcome, of drop: Drop, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> LaneStep {
        let result: ClaimResult
        switch outcome {
        case .claimed(let claimed, let round):
            let prepared = try preparation.prepare(claimed, round: round, now: now, commit: &commit)
            return try follow(prepared, .claim(drop), round: round, now: now, commit: &commit)
        case .duplicate(let state): result = .duplicate(of: state)
        case .conflict(let fileName): result = .conflict(fileName: fileName)
        case .derived(let keyed): result = .derived(keyed)
        case .keyless(let fileName, let report): result = .keyless(fileName: fileName, report)
        case .incomplete(let snapshot): result = .incomplete(snapshot)
        case .beingWritten: result = .beingWritten
        case .unsettled(let snapshot): result = .unsettled(snapshot)
        case .refused(let reason): result = .notARequest(because: reason)
        case .vanished: result = .vanished
        }
        return .answer(.claimed(drop, .success(result)))
    }

    private func follow(
        _ outcome: consuming Preparation.Outcome, _ preparation: LaneStep.Preparation, round: AttemptLine.Round?,
        now: Timestamp, commit: inout Commit
    ) throws(Errno) -> LaneStep {
        let key = preparation.key
        switch outcome {
        case .ready(let work): return .answer(preparation.answer(.ready(work, round: round)))
        case .unprocessed(let assignment):
            return .answer(preparation.answer(.unprocessed(assignment, round: round)))
        case .vanished: return .answer(preparation.answer(.vanished))
        case .rejected(let report):
            try settler.explain(key, report, commit: &commit)
            let entry = try stageFailure(of: key, report, now: now, commit: &commit)
            return .bury(preparation, report, entry)
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

    /// Moves what was written to where it belongs; throws what the file system does.
    func move(_ step: LaneStep, now: Timestamp, commit: inout Commit) throws(Errno) -> Event {
        switch step {
        case .answer(let event): return event
        case .bury(let preparation, let report, _):
            let outcome = try unlessCrowded { () throws(Errno) in
                try settler.bury(preparation.key, now: now, commit: &commit)
            }
            switch outcome {
            case .settled: return preparation.answer(.buried(report))
            case .vanished: return preparation.answer(.vanished)
            case .blocked: return preparation.answer(.blocked)
            case nil: return preparation.answer(.crowded(.dead))
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
