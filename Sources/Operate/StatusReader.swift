internal import Deliver
internal import Files
internal import Process
public import Spool
internal import Subscriptions
internal import SystemPackage
public import Times

/// Counts what stands in a spool, a batch of names at a time, so that a spool of any size costs little memory.
public struct StatusReader: Sendable {
    private let spool: Spool

    /// The most drops in incoming/ that are read to find out whether they are whole, and requests in processing/ to find out
    /// who waits for them.
    public static let maximumRead = 10_000
    /// The most requests in each of them whose size and times are looked at.
    public static let maximumSeen = 100_000
    /// So many are read and looked at in any case.
    public static let minimum = 1000
    /// How long more than these may take in each of them. A disk that has not read them lately takes ten times as long as memory, and
    /// a million files are to be counted in two seconds on it, too.
    public static let patience = Duration.milliseconds(100)

    private let reads: Int
    private let looks: Int
    private let least: Int
    private let patience: Duration

    /// - Parameters:
    ///   - reads: see ``maximumRead``.
    ///   - looks: see ``maximumSeen``.
    ///   - least: see ``minimum``.
    ///   - patience: see ``patience``.
    public init(
        _ spool: Spool, reads: Int = maximumRead, looks: Int = maximumSeen, least: Int = minimum,
        patience: Duration = patience
    ) {
        self.spool = spool
        self.reads = reads
        self.looks = looks
        self.least = least
        self.patience = patience
    }

    /// How the spool is doing now. What moves meanwhile may be counted twice, or not at all.
    ///
    /// - Throws: `OperateError` when the spool can't be read.
    public func read(now: Timestamp) throws(OperateError) -> SpoolStatus {
        let snapshot = try SubscriptionFolder.read(spool)
        var status = SpoolStatus(path: spool.path, at: now)
        status.holder = SpoolLock.currentHolder(of: spool)
        status.live = spool.liveStatus(holder: status.holder)
        status.isReadOnly = spool.isReadOnly()
        try explaining("The spool \(spool.path) can't be read") { () throws(Errno) in
            try countIncoming(&status)
            var audience = Audience(
                snapshot, disablings(snapshot), failing: failing(status.live),
                heldBack: status.live?.heldBack(at: now) ?? [:],
                at: now)
            try countProcessing(&status, &audience)
            status.subscriptions = audience.statuses
            for state in [State.done, .dead, .hold] { try count(state, &status) }
        }
        return status
    }

    /// Since when subscriptions fail: what the daemon that serves the spool says counts, and else what was written down,
    /// which it is not in the first minute.
    private func failing(_ live: LiveStatus?) -> [String: Timestamp] {
        var failing = spool.keptHealth().mapValues(\.failingSince)
        for subscription in live?.unwell ?? [] {
            if let since = subscription.failingSince { failing[subscription.name] = since }
        }
        return failing
    }

    private func disablings(_ snapshot: Roster.Snapshot) -> [String: Disabling] {
        var disablings: [String: Disabling] = [:]
        for name in snapshot.disabled {
            let content = try? spool.subscriptions.read("\(name).disabled", upTo: 65_536)
            disablings[name] = content.flatMap { Disabling.read(subscription: name, $0) }
        }
        return disablings
    }

    private func count(_ state: State, _ status: inout SpoolStatus) throws(Errno) {
        var requests = 0
        var events = 0
        var conflicts = 0
        var refused = 0
        try spool.directory(state).forEachName { name, _ in
            guard !DropName.isRequest(name) else {
                requests += 1
                return
            }
            // Sidecars are two of three names, and none of these.
            guard name.mayBeSetApart else { return }
            let name = name.copied
            switch DropName(name) {
            case .request(let key) where key.isEntry: events += 1
            case .conflict: conflicts += 1
            case .refused where name.starts(with: "refused-".utf8) && !name.hasErrorSuffix: refused += 1
            case .refused, .sidecar, .unfinished, .request: break
            }
        }
        status.requests[state] = requests
        status.events[state] = events
        status.conflicts += conflicts
        status.refused += refused
    }

    private func countIncoming(_ status: inout SpoolStatus) throws(Errno) {
        var requests = 0
        var unfinished = 0
        var sample = Sample(most: looks)
        try spool.incoming.forEachName { name, inode in
            switch spool.keySource.kind(ofDrop: name) {
            case .request:
                requests += 1
                sample.add(name, inode)
            case .unfinished: unfinished += 1
            case .other: break
            }
        }
        var looks = looking
        var reads = reading
        for name in sample.inOrder {
            guard looks.allowsAnother() else { break }
            try look(at: name.span, isRead: reads.allowsAnother(), &status)
        }
        status.requests[.incoming] = requests
        status.unfinished += unfinished
        status.unseen += requests - looks.made
    }

    private var looking: Effort { Effort(least: least, most: looks, patience: patience) }
    private var reading: Effort { Effort(least: least, most: reads, patience: patience) }

    private func look(at name: Span<UInt8>, isRead: Bool, _ status: inout SpoolStatus) throws(Errno) {
        guard let file = try spool.incoming.status(name) else { return }
        status.note(name, .incoming, file, spool.keySource)
        guard isRead || file.size == 0 else { return }
        let fileName = String(decoding: name.copied, as: UTF8.self)
        let what = Completeness.of(fileName, in: spool.incoming, file)
        guard what != .complete else { return }
        status.incompleteCount += 1
        if status.incomplete.count < SpoolStatus.maximumListed {
            status.incomplete.append(
                SpoolStatus.IncompleteDrop(
                    key: spool.keySource.key(ofDrop: name.copied), fileName: DropName.escaped(name.copied), what: what,
                    since: file.modified))
        }
    }

    private func countProcessing(_ status: inout SpoolStatus, _ audience: inout Audience) throws(Errno) {
        var requests = 0
        var events = 0
        var sample = Sample(most: looks)
        var entries: [Key] = []
        try spool.processing.forEachName { name, inode in
            if name.mayBeEntry, case .request(let key) = DropName(name.copied), key.isEntry {
                events += 1
                if entries.count < self.reads { entries.append(key) }
            } else if DropName.isRequest(name) {
                requests += 1
                sample.add(name, inode)
            }
        }
        var looks = looking
        var reads = reading
        var eventReads = reading
        for name in sample.inOrder {
            guard looks.allowsAnother() else { break }
            guard let file = try spool.processing.status(name.span) else { continue }
            status.note(name.span, .processing, file, .name)
            guard reads.allowsAnother() else { continue }
            if let key = DropName.key(ofRequest: name.span) { try count(key, &audience) }
        }
        for key in entries {
            guard eventReads.allowsAnother() else { break }
            try countEntry(key, &audience)
        }
        status.requests[.processing] = requests
        status.events[.processing] = events
        status.unread = requests - reads.made + events - eventReads.made
        status.unseen += requests - looks.made
    }

    /// Without attempts, all that hear of it wait; only with some does it take the invoice's id to tell which, and its content
    /// if somebody has conditions on that.
    private func count(_ key: Key, _ audience: inout Audience) throws(Errno) {
        guard let attempts = try spool.read(.attempts, key, in: .processing) else {
            return audience.addUnattempted { (try? spool.read(.invoice, key, in: .processing)) ?? nil }
        }
        guard let invoice = try spool.read(.invoice, key, in: .processing),
            let record = try? InvoiceRecord.read(invoice)
        else { return }
        let event = WebhookEvent.invoiceProcessed(
            invoice: invoice, id: record.id, processedAt: record.processedAt, customerID: record.customerID)
        let modified = try spool.processing.status(Sidecar.attempts.fileName(key))?.modified
        audience.add(event, DeliveryLog(reading: attempts), sidecarModified: modified)
    }

    private func countEntry(_ key: Key, _ audience: inout Audience) throws(Errno) {
        guard let eventID = key.eventID, let content = try spool.processing.read(key.fileName),
            let event = WebhookEvent.read(entry: content, eventID: eventID)
        else { return }
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: .processing) ?? [])
        let modified = try spool.processing.status(Sidecar.attempts.fileName(key))?.modified
        audience.add(event, log, sidecarModified: modified)
    }
}

/// The requests that are looked at when all have been counted: until then, the readers of the directory would wait for each look.
private struct Sample {
    private let most: Int
    private var found: [(inode: UInt64, name: [UInt8])] = []

    init(most: Int) {
        self.most = most
    }

    mutating func add(_ name: Span<UInt8>, _ inode: UInt64) {
        if found.count < most { found.append((inode, name.copied)) }
    }

    /// As their inodes lie on the disk, which reads neighbours along; mostly also as they were written, the oldest first.
    var inOrder: [[UInt8]] { found.sorted { $0.inode < $1.inode }.map(\.name) }
}

extension SpoolStatus {
    fileprivate mutating func note(
        _ name: Span<UInt8>, _ state: State, _ file: FileStatus, _ keySource: KeySource
    ) {
        guard file.modified < oldest?.since ?? .distantFuture else { return }
        oldest = OldestRequest(
            key: keySource.key(ofDrop: name.copied), fileName: DropName.escaped(name.copied), state: state,
            since: file.modified)
    }
}

extension KeySource {
    fileprivate enum DropKind {
        case request, unfinished, other
    }

    fileprivate func kind(ofDrop name: Span<UInt8>) -> DropKind {
        if DropName.isRequest(name) { return .request }
        let name = name.copied
        if derivesKey(ofFile: name) { return .request }
        return switch DropName(name) {
        case .request, .conflict: .request
        case .unfinished: .unfinished
        case .sidecar, .refused: .other
        }
    }

    /// The key that a drop's name says; `nil` where it is taken from its content.
    fileprivate func key(ofDrop name: [UInt8]) -> Key? {
        if derivesKey(ofFile: name) { return nil }
        return switch DropName(name) {
        case .request(let key), .conflict(let key): key
        case .unfinished, .sidecar, .refused: nil
        }
    }
}

extension Span<UInt8> {
    fileprivate var copied: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return bytes
    }

    /// Whether it may be the name of something that was set apart in dead/: it ends as a request's does, or begins as that of
    /// what was refused.
    fileprivate var mayBeSetApart: Bool {
        count > 0 && (self[count - 1] == UInt8(ascii: "n") || self[0] == UInt8(ascii: "r"))
    }

    /// Whether it may be the name of an event's entry.
    fileprivate var mayBeEntry: Bool { count > 0 && self[0] == UInt8(ascii: "+") }
}

extension [UInt8] {
    fileprivate var hasErrorSuffix: Bool { suffix(6).elementsEqual(".error".utf8) }
}
