internal import Deliver
internal import Files
internal import Process
public import Spool
internal import SystemPackage
public import Times

/// Counts what stands in a spool, a batch of names at a time, so that a spool of any size costs little memory.
public struct StatusReader: Sendable {
    private let spool: Spool

    private static let batch = 1024
    /// The most drops in incoming/ that are read to find out whether they are whole; of the rest only the empty ones are
    /// noticed.
    private static let maximumRead = 10_000

    public init(_ spool: Spool) {
        self.spool = spool
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
            var audience = Audience(snapshot, disablings(snapshot), at: now)
            try countProcessing(&status, &audience)
            status.subscriptions = audience.statuses
            for state in [State.done, .dead, .hold] { try count(state, &status) }
        }
        return status
    }

    private func disablings(_ snapshot: Roster.Snapshot) -> [String: Disabling] {
        var disablings: [String: Disabling] = [:]
        for name in snapshot.disabled {
            let content = try? spool.subscriptions.read("\(name).disabled", upTo: 65_536)
            disablings[name] = content.flatMap { Disabling.read(subscription: name, $0) }
        }
        return disablings
    }

    private func forEachName(in state: State, _ body: ([UInt8]) throws(Errno) -> Void) throws(Errno) {
        let scan = try DirectoryScan(spool.directory(state))
        while true {
            let names = try scan.next(StatusReader.batch)
            for name in names { try body(name) }
            if names.count < StatusReader.batch { return }
        }
    }

    private func count(_ state: State, _ status: inout SpoolStatus) throws(Errno) {
        var requests = 0
        var events = 0
        var conflicts = 0
        var refused = 0
        try forEachName(in: state) { name in
            switch DropName(name) {
            case .request(let key) where key.isEntry: events += 1
            case .request: requests += 1
            case .conflict: conflicts += 1
            case .refused where name.starts(with: "refused-".utf8) && !name.hasErrorSuffix: refused += 1
            case .refused, .sidecar, .unfinished: break
            }
        }
        status.requests[state] = requests
        status.events[state] = events
        status.conflicts += conflicts
        status.refused += refused
    }

    private func countIncoming(_ status: inout SpoolStatus) throws(Errno) {
        var found = status
        var requests = 0
        try forEachName(in: .incoming) { (name) throws(Errno) in
            if spool.keySource.derivesKey(ofFile: name) {
                requests += 1
                return try look(at: nil, name, isRead: requests <= StatusReader.maximumRead, &found)
            }
            switch DropName(name) {
            case .request(let key), .conflict(let key):
                requests += 1
                try look(at: key, name, isRead: requests <= StatusReader.maximumRead, &found)
            case .unfinished: found.unfinished += 1
            case .sidecar, .refused: break
            }
        }
        status = found
        status.requests[.incoming] = requests
    }

    private func look(
        at key: Key?, _ name: [UInt8], isRead: Bool, _ status: inout SpoolStatus
    ) throws(Errno) {
        let fileName = String(decoding: name, as: UTF8.self)
        guard let file = try spool.incoming.status(fileName) else { return }
        let escaped = DropName.escaped(name)
        status.note(key, escaped, .incoming, file)
        let what =
            isRead || file.size == 0 ? Completeness.of(fileName, in: spool.incoming, file) : Completeness.complete
        guard what != .complete else { return }
        status.incompleteCount += 1
        if status.incomplete.count < SpoolStatus.maximumListed {
            status.incomplete.append(
                SpoolStatus.IncompleteDrop(key: key, fileName: escaped, what: what, since: file.modified))
        }
    }

    private func countProcessing(_ status: inout SpoolStatus, _ audience: inout Audience) throws(Errno) {
        var found = status
        var heard = audience
        var requests = 0
        var events = 0
        try forEachName(in: .processing) { (name) throws(Errno) in
            guard case .request(let key) = DropName(name), let file = try spool.processing.status(key.fileName) else {
                return
            }
            if let eventID = key.eventID {
                events += 1
                return try countEntry(key, eventID, &heard)
            }
            requests += 1
            found.note(key, key.fileName, .processing, file)
            try count(key, &heard)
        }
        status = found
        status.requests[.processing] = requests
        status.events[.processing] = events
        audience = heard
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

    private func countEntry(_ key: Key, _ eventID: String, _ audience: inout Audience) throws(Errno) {
        guard let content = try spool.processing.read(key.fileName),
            let event = WebhookEvent.read(entry: content, eventID: eventID)
        else { return }
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: .processing) ?? [])
        let modified = try spool.processing.status(Sidecar.attempts.fileName(key))?.modified
        audience.add(event, log, sidecarModified: modified)
    }
}

extension SpoolStatus {
    fileprivate mutating func note(_ key: Key?, _ fileName: String, _ state: State, _ file: FileStatus) {
        guard file.modified < oldest?.since ?? .distantFuture else { return }
        oldest = OldestRequest(key: key, fileName: fileName, state: state, since: file.modified)
    }
}

extension [UInt8] {
    fileprivate var hasErrorSuffix: Bool { suffix(6).elementsEqual(".error".utf8) }
}
