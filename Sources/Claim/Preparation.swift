public import Deliver
internal import Files
internal import Hashing
internal import Process
public import Spool
public import SystemPackage
public import Times

/// Brings a claimed request to where it can be delivered: processes it once, and reads the result ever after.
public struct Preparation: Sendable {
    let spool: Spool
    let maximumBytes: Int
    /// Whether a program of the user's processes what is valid, and not this.
    let usesProcessor: Bool

    public init(_ spool: Spool, maximumBytes: Int, usesProcessor: Bool = false) {
        self.spool = spool
        self.maximumBytes = maximumBytes
        self.usesProcessor = usesProcessor
    }

    /// What a request in processing/ has come to.
    public enum Outcome: Sendable {
        /// Its `.invoice` stands, to be delivered.
        case ready(Work)
        /// It is valid, and the processor is to process it.
        case unprocessed(Assignment)
        /// It can't be processed; it is to be buried with this report.
        case rejected(ErrorReport)
        /// It does not stand in processing/ any more: a person moved or removed it.
        case vanished
    }

    /// Prepares a request that has just been claimed.
    ///
    /// A fresh one has no sidecars, which saves looking for them. Throws what the file system does; loading the key
    /// later goes on from there.
    public func prepare(
        _ claimed: ClaimedRequest, round: AttemptLine.Round?, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> Outcome {
        if round != nil { return try load(claimed.key, now: now, commit: &commit) }
        return try process(claimed, log: nil, now: now, commit: &commit)
    }

    /// Prepares a request by its key: at start, when its next attempt is due, or when a crash or a person left its
    /// sidecars elsewhere.
    public func load(_ key: Key, now: Timestamp, commit: inout Commit) throws(Errno) -> Outcome {
        if key.isEntry { return try loadEntry(key, now: now) }
        guard let status = try spool.processing.status(key.fileName) else {
            try removeUnusedAttempts(of: key)
            return .vanished
        }
        if try !spool.processing.contains(Sidecar.invoice.fileName(key)) { try gather(key, now: now) }
        if try !spool.processing.contains(Sidecar.attempts.fileName(key)) { try gather(key, now: now) }
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: .processing) ?? [])
        if let invoice = try spool.read(.invoice, key, in: .processing), let record = try? InvoiceRecord.read(invoice),
            record.key == key.name
        {
            let modified = try spool.processing.status(Sidecar.attempts.fileName(key))?.modified
            return .ready(Work(key: key, invoice: invoice, record: record, log: log, attemptsModified: modified))
        }
        guard let content = try readRequest(key, status) else { return .vanished }
        let name = spool.keySource == .name ? nil : try OriginalName(spool).origin(of: key)
        let claimed = ClaimedRequest(
            key: key, content: content, status: status, maximumBytes: maximumBytes, fileName: name)
        if claimed.isIncomplete, log.deliveries.isEmpty, try putBack(key, as: name ?? key.fileName.text) {
            return .vanished
        }
        return try process(claimed, log: log, now: now, commit: &commit)
    }

    /// A `touch` of a request that was settled in this moment makes an empty `.attempts`, and nobody needs it. That of a
    /// request which a person has parked says when the processor is due.
    private func removeUnusedAttempts(of key: Key) throws(Errno) {
        let name = Sidecar.attempts.fileName(key)
        guard try spool.processing.status(name)?.size == 0 else { return }
        if try spool.stateOfRequest(key, in: [.done, .dead]) != nil { try spool.processing.remove(name) }
    }

    /// A power cut can keep the claim of a drop and lose its bytes, if its producer flushed none of them. Nobody has been
    /// told of it: it goes back to incoming/, to wait for its rest like any file that is cut off.
    private func putBack(_ key: Key, as name: String) throws(Errno) -> Bool {
        do throws(Errno) {
            guard try spool.processing.move(key.fileName, to: spool.incoming, as: name) else { return false }
        } catch .noSuchFileOrDirectory {
            return true
        }
        try spool.processing.remove(Sidecar.invoice.fileName(key))
        return true
    }

    private func readRequest(_ key: Key, _ status: FileStatus) throws(Errno) -> [UInt8]? {
        guard status.kind == .regular else { return [] }
        do throws(Errno) {
            return try spool.processing.read(key.fileName, upTo: maximumBytes + 1)
        } catch .permissionDenied {
            return []
        }
    }

    /// Brings along what a person, or a crash in mid-move, left where the request was before.
    func gather(_ key: Key, now: Timestamp) throws(Errno) {
        for sidecar in [Sidecar.attempts, .invoice] {
            guard let state = try spool.state(of: sidecar, key, in: [.processing, .done, .dead, .hold]),
                state != .processing, try !spool.hasAnother(key, in: state)
            else { continue }
            try spool.bring(sidecar, key, from: state, to: .processing, now: now)
        }
        try spool.processing.remove(Sidecar.error.fileName(key))
        if try !spool.hasAnother(key, in: .dead) { try spool.dead.remove(Sidecar.error.fileName(key)) }
    }

    /// The built-in processor: totals, id, and the `.invoice` sidecar.
    ///
    /// The sidecar is written in place: whoever finds it torn after a crash knows that no webhook has gone out, since
    /// that waits for its flush, and writes the same invoice again.
    ///
    /// - Parameter log: what its `.attempts` says; `nil` if it is known that there is none.
    private func process(
        _ claimed: ClaimedRequest, log: DeliveryLog?, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> Outcome {
        let key = claimed.key
        addRequest(claimed, to: &commit)
        switch claimed.reading {
        case .failure(let rejection):
            return .rejected(ErrorReport(rejection, at: now, fileName: claimed.fileName))
        case .success(let request):
            let hash = ContentHash.sha256(claimed.content)
            let id = InvoiceID.derive(
                spoolID: spool.id, key: key.name, requestSHA256: hash, inode: claimed.status.identity.inode,
                modified: claimed.status.modified)
            let invoice = Invoice(
                of: request, id: id, key: key.name, requestSHA256: ContentHash.hex(hash), createdAt: now,
                processedAt: now, keyOrigin: keyOrigin(of: claimed))
            if usesProcessor { return .unprocessed(try assignment(claimed, invoice)) }
            let encoded = try write(invoice, of: key, to: claimed.invoice, commit: &commit)
            return .ready(
                Work(
                    key: key, invoice: invoice, encoded: encoded, log: log ?? DeliveryLog(),
                    attemptsModified: nil, isFresh: log == nil))
        }
    }

    /// Puts the bytes of an `.invoice` into a file of its own, flushed, in the place of one whose flush has failed: the kernel
    /// may have dropped those, and would call another flush of the same file a success (`fsync(2)`, `EIO`).
    public func renewInvoice(of key: Key) throws(Errno) {
        let name = Sidecar.invoice.fileName(key)
        guard let bytes = try spool.read(.invoice, key, in: .processing) else { return }
        // In Billhook's own folder, where no producer can put a file of theirs in the way; a crash may have left one of ours.
        try spool.own.remove(name)
        let file = try File.creating(name, in: spool.own)
        try file.write(bytes)
        try file.sync()
        try spool.own.replace(name, in: spool.processing, with: name)
        try spool.processing.sync()
    }

    /// A careless producer's file too is durable before anybody is told of its claim.
    private func addRequest(_ claimed: ClaimedRequest, to commit: inout Commit) {
        guard commit.durability == .full, claimed.status.kind == .regular else { return }
        if let lease = claimed.lease {
            commit.add(lease.holder)
        } else if let file = try? File.reading(claimed.key.fileName, in: spool.processing) {
            commit.add(file)
        }
    }

    /// - Parameter empty: the file, if it has been made.
    func write(
        _ invoice: Invoice, of key: Key, to empty: SharedFile? = nil, commit: inout Commit
    ) throws(Errno) -> [UInt8] {
        let encoded = invoice.encoded()
        let file: SharedFile
        if let empty {
            file = empty
        } else {
            file = SharedFile(try File.replacing(Sidecar.invoice.fileName(key), in: spool.processing))
        }
        try file.file.write(encoded)
        commit.add(file)
        commit.add(.processing)
        return encoded
    }
}

extension Preparation {
    private func keyOrigin(of claimed: ClaimedRequest) -> KeyOrigin? {
        guard let derivation = spool.keySource.derivation else { return nil }
        return KeyOrigin(keyFrom: derivation.description, fileName: claimed.fileName.map(DropName.legible))
    }
}

extension ErrorReport {
    /// - Parameter fileName: under which name the request was dropped, where that is not its key's.
    init(_ rejection: Rejection, at now: Timestamp, fileName: String? = nil) {
        self.init(
            code: rejection.code, message: rejection.message, stage: .process, hint: rejection.hint, at: now,
            fileName: fileName.map { DropName.escaped(Array($0.utf8)) })
    }
}
