public import Deliver
internal import Files
internal import Hashing
internal import Process
public import Spool
public import SystemPackage
public import Times

/// Raises events as entries of their own: `processing/+EVENTID.json`, which holds the body that is posted, and an empty
/// `.attempts` beside it, by which an entry that a person moves back is known.
///
/// In two steps, like all that a batch does: `stage` writes the entry in aside/, and once that is flushed `publish` renames
/// it into processing/, where it stands from then on or does not. After a crash in between the cause, which is recorded
/// after `publish` only, comes about again and is staged under the same name.
public struct Herald: Sendable {
    let spool: Spool
    /// The most bytes of a request that are read.
    let maximumBytes: Int

    /// How a staged entry's name in aside/ ends; no drop that stands there is called so.
    public static let stagedSuffix = ".new"

    public init(_ spool: Spool, maximumBytes: Int) {
        self.spool = spool
        self.maximumBytes = maximumBytes
    }

    /// An entry that stands in aside/, to be published.
    public struct Staged: Sendable, Equatable {
        public let key: Key
        /// The event's name.
        public let type: String

        var name: String { key.name + Herald.stagedSuffix }
    }

    /// Writes an entry in aside/; `nil` if the event has been raised already. Throws what the file system does; nothing
    /// has been raised then.
    public func stage(_ draft: EventDraft, commit: inout Commit) throws(Errno) -> Staged? {
        let key = Key.entry(spoolID: spool.id, type: draft.type, cause: draft.cause)
        let staged = Staged(key: key, type: draft.type)
        // What a crash left: where renames are done by links it may be the published entry's other name.
        try spool.aside.remove(staged.name)
        if try spool.stateOfRequest(key) != nil { return nil }
        // What calls for an event mostly ends in dead/, and so has room on a full disk.
        try spool.easing { () throws(Errno) in
            let file = try File.replacing(staged.name, in: spool.aside)
            try file.write(draft.body)
            commit.add(file)
        }
        return staged
    }

    /// Moves a staged entry, flushed since, to processing/. Returns `false` if it has been raised meanwhile.
    public func publish(_ staged: Staged, commit: inout Commit) throws(Errno) -> Bool {
        // The sidecar first: what stands in processing/ has what belongs to it beside it.
        let isMoved = try spool.easing { () throws(Errno) in
            _ = try File.appending(Sidecar.attempts.fileName(staged.key), in: spool.processing)
            return try spool.aside.move(staged.name, to: spool.processing, as: staged.key.fileName)
        }
        commit.add(.processing)
        if isMoved { return true }
        try spool.aside.remove(staged.name)
        return false
    }

    /// The event that a request in processing/ was refused; `nil` if it has gone.
    ///
    /// The request is read once more: that is rare enough, and nobody has to carry its bytes along for it.
    public func failure(of key: Key, _ report: ErrorReport, now: Timestamp) throws(Errno) -> EventDraft? {
        guard let status = try spool.processing.status(key.fileName) else { return nil }
        let content = try content(of: key, status)
        let hash = ContentHash.sha256(content ?? [])
        let id = InvoiceID.derive(
            spoolID: spool.id, key: key.name, requestSHA256: hash, inode: status.identity.inode,
            modified: status.modified)
        return .invoiceFailed(
            key: key.name, id: id, requestSHA256: content.map { _ in ContentHash.hex(hash) }, code: report.code,
            message: report.message, hint: report.hint, at: now)
    }

    /// All of a request; `nil` for one that is too large, no regular file, or not to be read.
    private func content(of key: Key, _ status: FileStatus) throws(Errno) -> [UInt8]? {
        guard status.kind == .regular, status.size <= maximumBytes else { return nil }
        do throws(Errno) {
            return try spool.processing.read(key.fileName, upTo: maximumBytes)
        } catch .permissionDenied {
            return nil
        }
    }
}
