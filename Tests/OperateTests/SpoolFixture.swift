import Deliver
import Files
import Hashing
import Operate
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

/// A spool of its own for one test, gone with it.
final class SpoolFixture {
    let scratch: ScratchDirectory
    let spool: Spool

    init(keySource: KeySource? = nil) throws {
        scratch = try ScratchDirectory()
        spool = try SpoolAccess.create(FilePath(scratch.path("spool")), keySource: keySource).spool
    }

    static func request(_ amount: Int = 1000, customer: String = "acme") -> String {
        #"{"customer_id":"\#(customer)","amount_cents":\#(amount)}"#
    }

    func key(_ name: String) throws -> Key { try #require(Key(stem: name)) }

    func submission(_ name: String, _ text: String = request()) throws -> Submission {
        try Submission(key: key(name), content: Array(text.utf8))
    }

    /// Puts a request into a state.
    func put(_ name: String, _ state: State, _ text: String = request()) throws {
        try scratch.write(text, to: "spool/\(state.rawValue)/\(name).json")
    }

    /// Puts a sidecar beside it.
    func put(_ sidecar: Sidecar, of name: String, _ state: State, _ text: String) throws {
        try scratch.write(text, to: "spool/\(state.rawValue)/\(name).json.\(sidecar.rawValue)")
    }

    /// The invoice of a request, as the daemon would write it.
    func invoice(
        _ name: String, _ text: String = request(),
        at moment: Timestamp = Timestamp(seconds: 1_700_000_000, nanoseconds: 0)
    ) throws -> Invoice {
        let content = Array(text.utf8)
        let hash = ContentHash.sha256(content)
        let id = InvoiceID.derive(
            spoolID: spool.id, key: name, requestSHA256: hash, inode: 1, modified: moment)
        return Invoice(
            of: try InvoiceRequest.read(content), id: id, key: name, requestSHA256: ContentHash.hex(hash),
            createdAt: moment, processedAt: moment)
    }

    /// Puts a processed request, with its `.invoice`, into a state.
    @discardableResult
    func putProcessed(
        _ name: String, _ state: State, _ text: String = request(),
        at moment: Timestamp = Timestamp(seconds: 1_700_000_000, nanoseconds: 0)
    ) throws -> Invoice {
        let invoice = try invoice(name, text, at: moment)
        try put(.invoice, of: name, state, String(decoding: invoice.encoded(), as: UTF8.self))
        try put(name, state, text)
        return invoice
    }

    /// Puts a request into dead/ with an `.error` of a moment.
    func putDead(_ name: String, at moment: Timestamp, processed: Bool = true) throws {
        let report = ErrorReport(
            code: "delivery_failed", message: "It failed.", stage: .deliver, hint: "Try again.", at: moment)
        try put(.error, of: name, .dead, String(decoding: report.encoded(), as: UTF8.self))
        if processed { try putProcessed(name, .dead) } else { try put(name, .dead) }
    }

    /// Puts an event's entry into a state; returns its name without `.json`.
    @discardableResult
    func putEntry(_ state: State) throws -> String {
        let draft = EventDraft.invoiceFailed(
            key: "k", id: "inv_1", requestSHA256: nil, code: "missing_field", message: "It lacks one.", hint: "Add it.",
            at: Timestamp(seconds: 1_700_000_000, nanoseconds: 0))
        let key = Key.entry(spoolID: spool.id, type: draft.type, cause: draft.cause)
        try put(.attempts, of: key.name, state, "")
        try put(key.name, state, String(decoding: draft.body, as: UTF8.self))
        return key.name
    }

    /// An attempt's line.
    func attempt(
        _ invoice: Invoice, to subscription: String, _ number: Int = 1, _ outcome: AttemptRecord.Outcome = .failed,
        next: Timestamp? = nil
    ) -> String {
        let record = AttemptRecord(
            deliveryID: DeliveryID.derive(
                eventID: "\(EventBody.invoiceProcessed) \(invoice.id)", subscription: subscription),
            subscription: subscription, event: EventBody.invoiceProcessed, attempt: number,
            startedAt: Timestamp(seconds: 1_700_000_000, nanoseconds: 0), durationMS: 5, outcome: outcome,
            httpStatus: outcome == .delivered ? 200 : 503, nextAttemptAt: next)
        return String(decoding: AttemptLine.attempt(record).encoded(), as: UTF8.self)
    }

    /// Sets the moment that the mtime of `.attempts` carries.
    func setSchedule(of name: String, to moment: Timestamp) throws {
        let file = try File.appending("\(name).json.attempts", in: spool.processing)
        try file.setModified(moment)
    }

    /// What a daemon, process 7, would say of itself.
    func publish(at moment: Timestamp, reason: String? = nil, unwell: [LiveStatus.Unwell] = []) throws {
        try spool.publish(
            LiveStatus(
                at: moment, processID: 7, version: "1", isClaiming: true, reason: reason, inHand: 0, tally: [],
                unwell: unwell))
    }

    func subscribe(_ name: String) throws {
        try scratch.write(#"{"url":"http://127.0.0.1:9/hook"}"#, to: "spool/subscriptions/\(name).json")
    }

    func stands(_ path: String) throws -> Bool {
        let name = FilePath(path)
        let folder = try Directory(spool.path.appending(name.removingLastComponent().string))
        return try folder.contains(name.lastComponent?.string ?? path)
    }

    func names(_ directory: Directory) throws -> [String] {
        try directory.names().map { String(decoding: $0, as: UTF8.self) }.sorted()
    }
}
