import Claim
import Deliver
import Engine
import Files
import Process
import Spool
import SystemPackage
import Testing
import Times

/// A spool in memory, as far as the engine can tell it from a real one.
struct FakeSpool {
    /// A file in incoming/, and what its writer is doing.
    enum Drop: Equatable {
        /// Whole; two of equal content are the same request, and one below zero is no valid one.
        case whole(Int)
        case incomplete
        case beingWritten
        /// Nobody knows whether somebody writes; equal numbers look alike.
        case unsettled(FileSnapshot, content: Int)
        case notARequest
    }

    struct Sidecars {
        var invoice: Invoice?
        var lines: [AttemptLine] = []
        /// A crash left half a line at the end, which swallows what is appended to it.
        var isTorn = false
        /// The mtime of `.attempts`.
        var modified: Timestamp?
        /// How far ahead that was set.
        var ahead = Duration.zero
        /// In done/ or dead/, when its request left.
        var origin: State
    }

    var incoming: [String: Drop] = [:]
    var requests: [State: [Key: Int]] = [.processing: [:], .done: [:], .dead: [:], .hold: [:]]
    var sidecars: [Key: Sidecars] = [:]
    /// Requests without `.invoice` are the processor's; they all share one file's status, which is any.
    var processorFile: FileStatus?
    /// How often the size and times of an incomplete drop were compared.
    var looksAtIncomplete = 0
    private var scanned: ArraySlice<String> = []
    private var swept: ArraySlice<Key> = []

    /// Events of their own, wherever they stand.
    private(set) var entries: [Key: WebhookEvent] = [:]
    var announcesFailures = false
    private var raised: [Event] = []

    var processing: Set<Key> { keys(in: .processing) }

    func keys(in state: State) -> Set<Key> { Set(requests[state]?.keys.map { $0 } ?? []) }

    func state(of key: Key) -> State? { State.taking.first { requests[$0]?[key] != nil } }

    mutating func move(_ key: Key, from state: State, to target: State) {
        guard let content = requests[state]?.removeValue(forKey: key) else { return }
        sidecars[key]?.origin = state == .processing ? target : state
        if target == .incoming {
            incoming[key.fileName.text] = .whole(content)
        } else {
            requests[target]?[key] = content
        }
    }

    /// Whether a file of that name can be read.
    func stands(_ name: String) -> Bool {
        incoming[name] != nil || processing.contains { name == $0.fileName }
    }

    // MARK: What the lanes do

    mutating func claim(_ drop: Claim.Drop, evidence: Claimer.Evidence, even: Bool, now: Timestamp) -> ClaimResult {
        guard let found = incoming[drop.name] else { return .vanished }
        let content: Int
        switch found {
        case .incomplete where !even:
            if case .changed = evidence { looksAtIncomplete += 1 }
            return .incomplete(.cutOff)
        case .incomplete: content = -1
        case .beingWritten: return .beingWritten
        case .unsettled(let snapshot, _) where evidence == .seen || !evidence.isQuiet(since: snapshot):
            return .unsettled(snapshot)
        case .unsettled(_, let number), .whole(let number): content = number
        case .notARequest: return .notARequest(because: "it is a directory")
        }
        incoming[drop.name] = nil
        if let standing = state(of: drop.key), standing != .dead || sidecars[drop.key]?.invoice != nil {
            return requests[standing]?[drop.key] == content
                ? .duplicate(of: standing) : .conflict(fileName: "\(drop.key).conflict-00000000.json")
        }
        requests[.dead]?[drop.key] = nil
        requests[.processing]?[drop.key] = content
        let isFresh = sidecars[drop.key] == nil
        return prepare(drop.key, round: mark(drop.key, now: now), isFresh: isFresh, now: now)
    }

    private mutating func mark(_ key: Key, now: Timestamp) -> AttemptLine.Round? {
        guard let traces = sidecars[key] else { return nil }
        let round: AttemptLine.Round =
            switch traces.origin {
            case .dead: .retry
            case .done: .replay
            default: .resume
            }
        sidecars[key]?.lines.append(.round(kind: round, at: now))
        sidecars[key]?.modified = now
        return round
    }

    mutating func raise(_ draft: EventDraft, now: Timestamp) {
        let key = Key.entry(spoolID: "s", type: draft.type, cause: draft.cause)
        guard let eventID = key.eventID, entries[key] == nil else { return }
        entries[key] = WebhookEvent.read(entry: draft.body, eventID: eventID)
        requests[.processing]?[key] = 0
        sidecars[key] = Sidecars(modified: now, origin: .processing)
        raised.append(.raised(key, type: draft.type))
    }

    private mutating func announceFailure(of key: Key, _ content: Int, _ report: ErrorReport, now: Timestamp) {
        guard announcesFailures else { return }
        let draft = EventDraft.invoiceFailed(
            key: key.name, id: "inv_\(key)_\(content)", requestSHA256: nil, code: report.code, message: report.message,
            hint: report.hint, at: now)
        raise(draft, now: now)
    }

    mutating func takeRaised() -> [Event] {
        defer { raised.removeAll() }
        return raised
    }

    mutating func load(_ key: Key, now: Timestamp) -> ClaimResult {
        guard requests[.processing]?[key] != nil else { return .vanished }
        return prepare(key, round: nil, now: now)
    }

    private mutating func prepare(
        _ key: Key, round: AttemptLine.Round?, isFresh: Bool = false, now: Timestamp
    ) -> ClaimResult {
        let content = requests[.processing]?[key] ?? -1
        guard content >= 0 else {
            requests[.processing]?[key] = nil
            requests[.dead]?[key] = content
            announceFailure(of: key, content, .make(now), now: now)
            return .buried(.make(now))
        }
        if let event = entries[key] {
            var log = DeliveryLog()
            for line in sidecars[key]?.lines ?? [] { log.apply(line) }
            let work = Work(key: key, event: event, log: log, attemptsModified: sidecars[key]?.modified)
            return .ready(work, round: round)
        }
        if let processorFile, sidecars[key]?.invoice == nil {
            let assignment = Assignment(
                key: key, invoice: .make(key, content: content, now: now), status: processorFile,
                notBefore: sidecars[key]?.modified, waited: sidecars[key]?.ahead ?? .zero)
            return .unprocessed(assignment, round: round)
        }
        let invoice = sidecars[key]?.invoice ?? .make(key, content: content, now: now)
        let traces = sidecars[key] ?? Sidecars(invoice: invoice, origin: .processing)
        sidecars[key] = traces
        var log = DeliveryLog(reading: traces.isTorn ? [UInt8(ascii: "{")] : [])
        for line in traces.lines { log.apply(line) }
        let work = Work(
            key: key, invoice: invoice.encoded(), record: InvoiceRecord(invoice), log: log,
            attemptsModified: traces.modified, isFresh: isFresh)
        return .ready(work, round: round)
    }

    mutating func record(_ record: Record, now: Timestamp) -> RecordResult {
        // It would be written to a file of its own.
        if record.isFirst, let sidecars = sidecars[record.key], !sidecars.lines.isEmpty || sidecars.isTorn {
            Issue.record("the lines of \(record.key) are not its first: \(sidecars.lines)")
        }
        if !record.lines.isEmpty || record.due != nil {
            if sidecars[record.key] == nil, requests[.processing]?[record.key] != nil {
                sidecars[record.key] = Sidecars(origin: .processing)
            }
            sidecars[record.key]?.ahead = record.due.map { $0 - now } ?? .zero
            let isSwallowed = sidecars[record.key]?.isTorn ?? false && !record.closingTornLine
            sidecars[record.key]?.lines += record.lines.dropFirst(isSwallowed ? 1 : 0)
            sidecars[record.key]?.isTorn = false
            sidecars[record.key]?.modified = record.due ?? now
        }
        guard let ending = record.ending else { return .recorded }
        guard requests[.processing]?[record.key] != nil else { return .vanished }
        switch ending {
        case .done: move(record.key, from: .processing, to: .done)
        case .dead: move(record.key, from: .processing, to: .dead)
        }
        return .settled
    }

    /// Writes down what the processor made of a request, wherever a person has put it meanwhile.
    mutating func complete(_ completion: Completion, now: Timestamp) -> ClaimResult {
        let key = completion.key
        let place = [State.processing, .hold].first { state in
            requests[state]?[key].map { Invoice.make(key, content: $0, now: now).requestSHA256 }
                == completion.assignment.invoice.requestSHA256
        }
        guard let place else { return .vanished }
        switch completion.verdict {
        case .failed(let report):
            guard place == .processing else { return .vanished }
            announceFailure(of: key, requests[.processing]?[key] ?? 0, report, now: now)
            move(key, from: .processing, to: .dead)
            return .buried(report)
        case .processed(let result):
            var traces = sidecars[key] ?? Sidecars(origin: place)
            traces.invoice = completion.assignment.invoice.with(result: result, processedAt: now)
            traces.modified = nil
            sidecars[key] = traces
            return place == .processing ? prepare(key, round: nil, now: now) : .vanished
        }
    }

    /// Under a name of its own, so that the key is as it was.
    mutating func buryUnread(_ suspect: Suspect) {
        incoming[String(decoding: suspect.name, as: UTF8.self)] = nil
        guard suspect.place == .processing, let key = suspect.key else { return }
        move(key, from: .processing, to: .dead)
    }

    // MARK: What the scanner does

    mutating func scan(fromStart: Bool, batch: Int) -> Event {
        if fromStart { scanned = incoming.keys.sorted()[...] }
        let names = scanned.prefix(batch)
        scanned = scanned.dropFirst(batch)
        return .scanned(.success(names.map { Array($0.utf8) }), isLast: names.count < batch)
    }

    mutating func sweep(fromStart: Bool, batch: Int) -> Event {
        if fromStart { swept = processing.sorted { $0.name < $1.name }[...] }
        let keys = swept.prefix(batch)
        swept = swept.dropFirst(batch)
        let entries = keys.filter { processing.contains($0) }.map { (key: $0, modified: sidecars[$0]?.modified) }
        return .swept(.success(entries), isLast: keys.count < batch)
    }
}

extension Claimer.Evidence {
    fileprivate func isQuiet(since snapshot: FileSnapshot) -> Bool {
        switch self {
        case .settled: true
        case .seen, .changed: false
        case .quiet(let old): old == snapshot
        }
    }
}
