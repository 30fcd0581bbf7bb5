import Claim
import Deliver
import Files
import Foundation
import Process
import Settle
import Spool
import SystemPackage
import TestSupport
import Times

/// A spool of its own, and the transitions of an invoice as single steps.
struct Bench {
    static let paid = #"{"customer_id":"c1","amount_cents":100}"#
    /// The same JSON value in other bytes.
    static let paidAnew = #"{ "amount_cents": 100, "customer_id": "c1" }"#
    static let other = #"{"customer_id":"c1","amount_cents":999}"#
    static let refused = #"{"customer_id":"c1"}"#

    let scratch: ScratchDirectory
    let spool: Spool
    let durability: Durability
    let claimer: Claimer
    let preparation: Preparation
    let settler: Settler
    let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    init(
        maximumBytes: Int = 4096, durability: Durability = .process, keySource: KeySource? = nil,
        usesProcessor: Bool = false
    ) throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")), keySource: keySource)
        self.durability = durability
        claimer = Claimer(spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor)
        preparation = Preparation(spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor)
        settler = Settler(spool)
    }

    // MARK: What people and producers do

    func put(_ text: String, _ place: String) throws {
        try scratch.write(text, to: "spool/" + place)
    }

    func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: scratch.path("spool/" + from), toPath: scratch.path("spool/" + to))
    }

    func link(_ from: String, _ to: String) throws {
        try FileManager.default.linkItem(atPath: scratch.path("spool/" + from), toPath: scratch.path("spool/" + to))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: scratch.path("spool/" + name))
    }

    // MARK: What Billhook does

    func claim(
        _ name: String, _ evidence: Claimer.Evidence = .settled, evenIfIncomplete: Bool = false
    ) throws -> ClaimOutcome {
        guard let drop = Drop(incoming: name, spool.keySource) else { throw BenchError.noDrop(name) }
        return try claim(drop, evidence, evenIfIncomplete: evenIfIncomplete)
    }

    func claim(
        _ drop: Drop, _ evidence: Claimer.Evidence = .settled, evenIfIncomplete: Bool = false
    ) throws -> ClaimOutcome {
        var commit = Commit(durability)
        let outcome = try claimer.claim(
            drop, evidence: evidence, evenIfIncomplete: evenIfIncomplete, now: now, commit: &commit)
        try commit.flush(spool)
        return outcome
    }

    /// Claims and processes a drop.
    @discardableResult
    func take(_ name: String) throws -> Preparation.Outcome {
        guard case .claimed(let claimed, let round) = try claim(name) else { throw BenchError.notClaimed(name) }
        var commit = Commit(durability)
        let outcome = try preparation.prepare(claimed, round: round, now: now, commit: &commit)
        try commit.flush(spool)
        return outcome
    }

    func load(_ key: String) throws -> Preparation.Outcome {
        var commit = Commit(durability)
        let outcome = try preparation.load(try Bench.key(key), now: now, commit: &commit)
        try commit.flush(spool)
        return outcome
    }

    func record(_ lines: [AttemptLine], for key: String) throws {
        var commit = Commit(durability)
        try Recorder(spool).record(
            lines, for: try Bench.key(key), closingTornLine: false, due: nil, commit: &commit)
        try commit.flush(spool)
    }

    func finish(_ key: String) throws -> Settler.Outcome {
        var commit = Commit(durability)
        let outcome = try settler.finish(try Bench.key(key), now: now, commit: &commit)
        try commit.flush(spool)
        return outcome
    }

    func bury(_ key: String) throws -> Settler.Outcome {
        var commit = Commit(durability)
        let report = ErrorReport(code: "test", message: "It failed.", stage: .deliver, hint: "Try again.", at: now)
        try settler.explain(try Bench.key(key), report, commit: &commit)
        try commit.flush(spool)
        let outcome = try settler.bury(try Bench.key(key), now: now, commit: &commit)
        try commit.flush(spool)
        return outcome
    }

    /// Starts again after a crash: what stands aside, in incoming/ and in processing/ is taken up.
    func recover() throws {
        for name in try spool.aside.names().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            if let drop = Drop(aside: name) { _ = try claim(drop) }
        }
        for name in try spool.incoming.names().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            if let drop = Drop(incoming: name, spool.keySource) { _ = try claim(drop) }
        }
        for name in try spool.processing.names().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            if case .request(let key) = DropName(name) { _ = try load(key.name) }
        }
    }

    // MARK: What there is to see

    /// The files of the spool, Billhook's own left out; what stands aside is called `aside/KEY`.
    var files: Set<String> {
        var files: Set<String> = []
        for name in scratch.files(below: "spool") {
            if name.hasPrefix(".billhook/aside/") {
                files.insert("aside/" + name.dropFirst(16).prefix { $0 != "~" })
            } else if !name.hasPrefix(".billhook/") {
                files.insert(name)
            }
        }
        return files
    }

    func text(_ name: String) throws -> String {
        String(decoding: try scratch.read("spool/" + name), as: UTF8.self)
    }

    func record(_ place: String) throws -> InvoiceRecord {
        try InvoiceRecord.read(try scratch.read("spool/" + place))
    }

    func log(_ place: String) throws -> DeliveryLog {
        DeliveryLog(reading: try scratch.read("spool/" + place))
    }

    /// The kinds of the round marks in an `.attempts` file.
    func rounds(_ place: String) throws -> [String] {
        try scratch.read("spool/" + place).split(separator: 10).compactMap {
            if case .round(let kind, _) = AttemptLine.read(Array($0)) { kind.rawValue } else { nil }
        }
    }

    func errorCode(_ place: String) throws -> String? {
        ErrorReport(try scratch.read("spool/" + place))?.code
    }

    static func key(_ name: String) throws -> Key {
        guard let key = Key(name) else { throw BenchError.noDrop(name) }
        return key
    }

    static func attempt(_ number: Int, delivered: Bool, next: Timestamp? = nil) -> AttemptLine {
        .attempt(
            AttemptRecord(
                deliveryID: "msg_1", subscription: "crm", event: "invoice.processed", attempt: number,
                startedAt: Timestamp(nanoseconds: 1_700_000_000_000_000_000), durationMS: 5,
                outcome: delivered ? .delivered : .failed, httpStatus: delivered ? 200 : 500, nextAttemptAt: next))
    }
}

enum BenchError: Error {
    case noDrop(String)
    case notClaimed(String)
}

extension Bench {
    /// Brings an invoice to where it has been processed and told of, and stands in a state.
    func settle(_ key: String, in state: State, delivered: Bool = true) throws {
        try put(Bench.paid, "incoming/\(key).json")
        try take("\(key).json")
        try record([Bench.attempt(1, delivered: delivered)], for: key)
        switch state {
        case .done: _ = try finish(key)
        case .dead: _ = try bury(key)
        case .hold: try move("processing/\(key).json", "hold/\(key).json")
        case .processing, .incoming: break
        }
    }
}

extension ClaimOutcome {
    /// The outcome in a few words.
    var story: String {
        switch self {
        case .claimed(_, let round): round.map { "claimed, \($0)" } ?? "claimed"
        case .duplicate(let state): "duplicate of \(state)"
        case .conflict(let name): "conflict \(name)"
        case .derived(let drop): "derived \(drop.key)"
        case .keyless(let name, let report): "keyless \(name): \(report.code)"
        case .incomplete: "incomplete"
        case .beingWritten: "being written"
        case .unsettled: "unsettled"
        case .refused(let reason): "refused: \(reason)"
        case .vanished: "vanished"
        }
    }
}

extension Preparation.Outcome {
    var story: String {
        switch self {
        case .ready: "ready"
        case .unprocessed: "unprocessed"
        case .rejected(let report): "rejected: \(report.code)"
        case .vanished: "vanished"
        }
    }

    var work: Work? {
        if case .ready(let work) = self { work } else { nil }
    }
}
