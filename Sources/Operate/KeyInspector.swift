internal import Deliver
internal import Files
internal import Process
public import Spool
internal import SystemPackage
public import Times

/// Finds out everything about one key.
public struct KeyInspector: Sendable {
    private let spool: Spool

    public init(_ spool: Spool) {
        self.spool = spool
    }

    /// What is known about a key; `nil` if nothing of it stands anywhere.
    ///
    /// - Throws: `OperateError` when the spool can't be read.
    public func inspect(_ key: Key, now: Timestamp) throws(OperateError) -> KeyReport? {
        let roster = Roster(try SubscriptionFolder.read(spool), at: now)
        return try explaining("The request \(key) can't be looked at") { () throws(Errno) in
            // It may move between two looks; then it is found where it has gone.
            for _ in 0..<16 {
                if let report = try report(key, roster, now) { return report }
            }
            return nil
        }
    }

    private func report(_ key: Key, _ roster: Roster, _ now: Timestamp) throws(Errno) -> KeyReport? {
        let conflicts = try conflicts(of: key)
        guard let place = try spool.place(of: key) ?? (conflicts.isEmpty ? nil : .conflictsOnly) else { return nil }
        let files = try RequestFiles(key, place, in: spool)
        let holder = SpoolLock.currentHolder(of: spool)
        let heldBack = spool.liveStatus(holder: holder)?.heldBack(at: now) ?? [:]
        let deliveries = deliveries(files, place, roster, heldBack, now)
        let isWaiting = try spool.incoming.contains(key.fileName)
        let hasWaitingDrop = isWaiting && place != .state(.incoming)
        let isIncomplete = place == .state(.incoming) && files.isIncomplete
        let error = files.error.flatMap { ErrorReport($0) }
        return KeyReport(
            key: key, place: place, path: files.path, size: files.status?.size, modified: files.status?.modified,
            isIncomplete: isIncomplete,
            hasWaitingDrop: hasWaitingDrop,
            invoice: files.record, invoiceBytes: files.record == nil ? nil : files.invoice,
            event: key.isEntry ? files.event : nil, error: error,
            deliveries: deliveries, rounds: files.log.rounds,
            conflicts: conflicts, holder: holder,
            next: NextStep.of(
                NextStep.Facts(
                    key: key, place: place, isIncomplete: isIncomplete, isProcessed: files.event != nil, error: error,
                    deliveries: deliveries, disabled: disabled(deliveries, roster), notBefore: files.attemptsModified,
                    isServed: holder != nil, now: now,
                    commands: spool.commands)))
    }

    /// The disabled ones among those whose delivery was given up.
    private func disabled(_ deliveries: [DeliveryReport], _ roster: Roster) -> [String] {
        deliveries.filter(\.isGivenUp).map(\.subscription).filter { roster.members[$0]?.isDisabled ?? false }.sorted()
    }

    private func deliveries(
        _ files: RequestFiles, _ place: KeyReport.Place, _ roster: Roster, _ heldBack: [String: Timestamp],
        _ now: Timestamp
    ) -> [DeliveryReport] {
        guard place == .state(.processing) else {
            return files.log.deliveries.map { DeliveryReport(resting: $0) }
        }
        guard let event = files.event else { return [] }
        return roster.deliveries(
            of: event, log: files.log, sidecarModified: files.attemptsModified, heldBack: heldBack, now: now)
    }

    private func conflicts(of key: Key) throws(Errno) -> [KeyReport.Conflict] {
        var found: [KeyReport.Conflict] = []
        let scan = try DirectoryScan(spool.dead)
        while true {
            let names = try scan.next(1024)
            for name in names where name.starts(with: key.name.utf8) {
                guard DropName(name) == .conflict(key) else { continue }
                let fileName = String(decoding: name, as: UTF8.self)
                let error = try spool.dead.read(fileName + ".error").flatMap { ErrorReport($0) }
                let path = spool.path.appending("dead").appending(fileName)
                found.append(KeyReport.Conflict(path: path, error: error))
            }
            if names.count < 1024 { return found.sorted { $0.path.string < $1.path.string } }
        }
    }
}

/// A request's files as they were read.
private struct RequestFiles {
    let path: FilePath?
    let status: FileStatus?
    let isIncomplete: Bool
    let invoice: [UInt8]?
    let record: InvoiceRecord?
    /// What subscribers are told.
    let event: WebhookEvent?
    let error: [UInt8]?
    let log: DeliveryLog
    let attemptsModified: Timestamp?

    init(_ key: Key, _ place: KeyReport.Place, in spool: Spool) throws(Errno) {
        let folder: Directory
        switch place {
        case .state(let state), .removed(let state): folder = spool.directory(state)
        case .archive(let day): folder = try spool.archive.directory(day)
        case .conflictsOnly: folder = spool.dead
        }
        status = try folder.status(key.fileName)
        path = status == nil ? nil : spool.path.appending(place.name).appending(key.fileName.text)
        isIncomplete = place == .state(.incoming) && Completeness.of(key.fileName.text, in: folder, status) != .complete
        let sidecars = SidecarPlaces(key, place, folder, in: spool)
        invoice = try sidecars.read(.invoice)
        record = invoice.flatMap { try? InvoiceRecord.read($0) }
        if let eventID = key.eventID {
            event = try folder.read(key.fileName).flatMap { WebhookEvent.read(entry: $0, eventID: eventID) }
        } else if let invoice, let record {
            event = .invoiceProcessed(
                invoice: invoice, id: record.id, processedAt: record.processedAt, customerID: record.customerID)
        } else {
            event = nil
        }
        error = try sidecars.read(.error)
        log = DeliveryLog(reading: try sidecars.read(.attempts) ?? [])
        attemptsModified = try sidecars.folder(of: .attempts)?.status(Sidecar.attempts.fileName(key))?.modified
    }
}

/// Where a request's sidecars stand: beside it, or where a person left them who moved it alone.
private struct SidecarPlaces {
    private let key: Key
    private let place: KeyReport.Place
    private let home: Directory
    private let spool: Spool

    init(_ key: Key, _ place: KeyReport.Place, _ home: Directory, in spool: Spool) {
        self.key = key
        self.place = place
        self.home = home
        self.spool = spool
    }

    func read(_ sidecar: Sidecar) throws(Errno) -> [UInt8]? {
        try folder(of: sidecar)?.read(sidecar.fileName(key))
    }

    /// The directory in which one stands, if any does.
    func folder(of sidecar: Sidecar) throws(Errno) -> Directory? {
        if try stands(sidecar, in: home, isOpenToAll: place == .state(.incoming)) { return home }
        for state in others(of: sidecar) {
            let folder = spool.directory(state)
            // Beside another request of the key they are that one's.
            guard try stands(sidecar, in: folder, isOpenToAll: state == .incoming),
                try !folder.contains(key.fileName)
            else { continue }
            return folder
        }
        return nil
    }

    private func others(of sidecar: Sidecar) -> [State] {
        switch place {
        case .archive, .conflictsOnly: []
        // What failed once is over here.
        case .state(.processing) where sidecar == .error, .state(.done) where sidecar == .error: []
        case .state, .removed: Spool.sidecarStates
        }
    }

    /// Whether one stands there that may be believed: where everybody may write, only this user's and root's.
    private func stands(_ sidecar: Sidecar, in folder: Directory, isOpenToAll: Bool) throws(Errno) -> Bool {
        guard let status = try folder.status(sidecar.fileName(key)) else { return false }
        return !isOpenToAll || status.owner == 0 || status.owner == spool.owner
    }
}
