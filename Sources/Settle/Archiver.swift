internal import Files
internal import Process
public import Spool
public import SystemPackage
public import Times

/// Moves requests whose idempotency window has passed from done/ to archive/DAY/, and so frees their keys.
///
/// The request moves first, then its sidecars: from the first rename on the key is on its way out, and what a crash
/// leaves in done/ is an `.invoice` without a request, which the next walk over done/ meets and moves after it.
public struct Archiver: Sendable {
    let spool: Spool
    /// How long a done request keeps its key after it was processed.
    public let window: Duration

    public init(_ spool: Spool, window: Duration) {
        self.spool = spool
        self.window = window
    }

    public enum Outcome: Sendable, Equatable {
        case archived(day: String)
        /// Its window has not passed, or it was put in done/ again a moment ago to be replayed.
        case tooEarly
        /// It does not stand in done/ any more, or its `.invoice` can't be read.
        case leftAlone
    }

    /// The key that a name in done/ is walked for: that of each `.invoice`, since one that a crash left behind without
    /// its request has to be met, too; and each event's entry, which has none.
    public static func key(ofDoneName name: [UInt8]) -> Key? {
        guard let text = String(validating: name, as: UTF8.self) else { return nil }
        if text.hasSuffix(".json"), let entry = Key(entry: text.dropLast(5)) { return entry }
        guard let name = SidecarName(text), name.sidecar == .invoice, let key = name.key else { return nil }
        return key.isEntry ? nil : key
    }

    /// Whether a request in done/ may be old enough: told by the `.invoice`, which is written once, when it is processed;
    /// an entry's, by the entry itself, which is written once, too.
    ///
    /// Costs one look at a file's times and opens nothing.
    public func mayBeDue(_ key: Key, now: Timestamp) throws(Errno) -> Bool {
        let name = key.isEntry ? key.fileName : Sidecar.invoice.fileName(key)
        guard let invoice = try spool.done.status(name) else { return false }
        return invoice.modified + window <= now
    }

    /// The key of a name in done/ if it may be old enough, as ``key(ofDoneName:)`` and ``mayBeDue(_:now:)`` tell: for names
    /// where they lie, since most of a million are not.
    public func dueKey(ofDoneName name: Span<UInt8>, now: Timestamp) throws(Errno) -> Key? {
        // Of the names that stand there only those of invoices end so, and only those of events begin so.
        guard name.count > 8 else { return nil }
        let isInvoice = name[name.count - 1] == UInt8(ascii: "e") && name[name.count - 8] == UInt8(ascii: ".")
        let isEntry = name[0] == UInt8(ascii: "+") && name[name.count - 1] == UInt8(ascii: "n")
        guard isInvoice || isEntry else { return nil }
        guard let file = try spool.done.status(name), file.modified + window <= now else { return nil }
        return Archiver.key(ofDoneName: name.indices.map { name[$0] })
    }

    /// Archives a key if its window has passed.
    ///
    /// Throws what the file system does; the next walk goes on from there.
    public func archive(_ key: Key, now: Timestamp, commit: inout Commit) throws(Errno) -> Outcome {
        if key.isEntry { return try archiveEntry(key, now: now, commit: &commit) }
        guard let content = try spool.read(.invoice, key, in: .done), let invoice = try? InvoiceRecord.read(content)
        else {
            return .leftAlone
        }
        guard invoice.processedAt + window <= now else { return .tooEarly }
        if let request = try spool.done.status(key.fileName), wasJustMoved(request, now) { return .tooEarly }
        let day = invoice.processedAt.day
        let mark = Spool.archiveMark(invoiceID: invoice.id)
        guard try spool.archive(key, from: .done, day: day, mark: mark) else { return .leftAlone }
        commit.add(archiveDay: day)
        commit.add(.done)
        return .archived(day: day)
    }

    /// An entry takes no key, so its sidecar may move first: what a crash leaves is an entry without one, which the next
    /// walk meets. The day is that of the event.
    private func archiveEntry(_ key: Key, now: Timestamp, commit: inout Commit) throws(Errno) -> Outcome {
        guard let entry = try spool.done.status(key.fileName) else { return .leftAlone }
        guard entry.modified + window <= now, !wasJustMoved(entry, now) else { return .tooEarly }
        try spool.archive(key, from: .done, now: entry.modified)
        commit.add(archiveDay: entry.modified.day)
        commit.add(.done)
        return .archived(day: entry.modified.day)
    }

    /// A person who restored it wants to do something with it first.
    private func wasJustMoved(_ request: FileStatus, _ now: Timestamp) -> Bool {
        request.changed + min(window, Archiver.grace) > now
    }

    /// How long a request that was moved to done/ stays there at least.
    static let grace = Duration.seconds(3600)
}
