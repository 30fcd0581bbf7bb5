internal import Deliver
internal import Files
internal import Process
public import Spool
public import SystemPackage
public import Times

/// Takes drops out of incoming/: at most one request a key, and nothing that was taken is lost or overwritten.
///
/// Every step is a rename that does not replace, and every order of steps leaves, wherever a crash stops it, files that
/// the same call finishes when it meets them again.
public struct Claimer: Sendable {
    let spool: Spool
    /// The most bytes a request may have.
    let maximumBytes: Int
    /// Whether a program of the user's processes what is valid.
    let usesProcessor: Bool

    public init(_ spool: Spool, maximumBytes: Int, usesProcessor: Bool = false) {
        self.spool = spool
        self.maximumBytes = maximumBytes
        self.usesProcessor = usesProcessor
    }

    /// What is known about a drop's writer.
    public enum Evidence: Sendable, Equatable {
        /// An event told that the file was closed after writing, or renamed in: it is whole unless a lease says no.
        case settled
        /// It was merely seen.
        case seen
        /// It has not changed since this look at it, for as long as a pause of a writer may last.
        case quiet(since: FileSnapshot)
        /// It was seen again, having been cut off at this look at it: it is read only if it has changed since.
        case changed(since: FileSnapshot)
    }

    /// Claims a drop.
    ///
    /// - Parameter evenIfIncomplete: take a cut-off file as it is: it has been waited for long enough.
    /// - Parameter row: the row that it is claimed in, if that is known to be true in the end; see ``beginRow()``.
    /// - Parameter commit: what must be flushed before anybody is told of the claim.
    ///
    /// Throws what the file system does when it is full, read-only or broken; the drop then stands in incoming/, aside/
    /// or processing/, and claiming or loading it again goes on from there.
    public func claim(
        _ drop: Drop, evidence: Evidence, evenIfIncomplete: Bool = false, in row: Row? = nil, now: Timestamp,
        commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        do throws(Errno) {
            if !drop.key.isEntry, let derivation = spool.keySource.derivation {
                guard drop.isUnkeyed else {
                    return try claimDerived(drop, by: derivation, evidence: evidence, now: now, commit: &commit)
                }
                return try derive(
                    drop, by: derivation, evidence: evidence, evenIfIncomplete: evenIfIncomplete, now: now,
                    commit: &commit)
            }
            let look = try look(at: drop, evidence: evidence)
            guard case .readable(let content, let status, let lease) = look else { return look.outcome }
            let found = ClaimedRequest(
                key: drop.key, content: content, status: status, maximumBytes: maximumBytes, lease: lease)
            if drop.place == .incoming, !evenIfIncomplete, found.isIncomplete {
                return .incomplete(FileSnapshot(status))
            }
            if drop.place == .aside, evidence == .seen, found.isIncomplete,
                try spool.aside.move(drop.name, to: spool.incoming, as: drop.key.fileName)
            {
                // It was whole when it was set aside, and a power cut took its bytes: it waits for its rest again.
                return .vanished
            }
            try forgetError(of: drop)
            return try take(drop, found, in: row, now: now, commit: &commit)
        } catch .noSuchFileOrDirectory {
            // Something else may be missing: a state directory that was removed under the daemon.
            if try directory(of: drop).contains(drop.name) { throw .noSuchFileOrDirectory }
            return .vanished
        }
    }

    // MARK: Looking

    enum Look {
        case readable([UInt8], FileStatus, Lease?)
        case other(ClaimOutcome)

        var outcome: ClaimOutcome {
            if case .other(let outcome) = self { outcome } else { .vanished }
        }
    }

    func look(at drop: Drop, evidence: Evidence) throws(Errno) -> Look {
        let directory = directory(of: drop)
        guard let seen = try directory.status(drop.name) else { return .other(.vanished) }
        guard seen.kind == .regular else { return .other(.refused(because: "it is not a regular file")) }
        if case .changed(let snapshot) = evidence, snapshot == FileSnapshot(seen) {
            return .other(.incomplete(snapshot))
        }
        do throws(Errno) {
            let file = try File.reading(drop.name, in: directory)
            let status = try file.status()
            guard status.kind == .regular else { return .other(.refused(because: "it is not a regular file")) }
            let isBeingWritten = file.isBeingWritten()
            if let wait = wait(isBeingWritten, drop, status, evidence) { return .other(wait) }
            let content = try file.read(upTo: maximumBytes + 1, expecting: status.size)
            return .readable(content, status, isBeingWritten == nil ? nil : Lease(file))
        } catch .tooManySymbolicLinkLevels {
            return .other(.refused(because: "it is a symbolic link"))
        } catch .resourceTemporarilyUnavailable {
            // Somebody holds a write lease on it, as Samba does for its clients (`open(2)`, `EWOULDBLOCK`).
            return .other(.beingWritten)
        } catch .permissionDenied {
            // Renaming needs no right to read: it is claimed as it is, and rejected as unreadable when it is processed.
            return .readable([], seen, nil)
        }
    }

    private func wait(
        _ isBeingWritten: Bool?, _ drop: Drop, _ status: FileStatus, _ evidence: Evidence
    ) -> ClaimOutcome? {
        switch (isBeingWritten, evidence) {
        case (true?, _): .beingWritten
        case (false?, _), (nil, .settled): nil
        case (nil, _) where drop.place == .aside: nil
        case (nil, .quiet(let snapshot)) where snapshot == FileSnapshot(status): nil
        case (nil, _): .unsettled(FileSnapshot(status))
        }
    }

    // MARK: Taking

    func take(
        _ drop: Drop, _ found: ClaimedRequest, in row: Row? = nil, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        if drop.key.isEntry { return try takeEntry(drop, found, now: now, commit: &commit) }
        if try isUnknown(drop.key, row), let fresh = try alone(found) {
            return try enter(drop, fresh, round: nil, now: now, commit: &commit)
        }
        let standing = try spool.stateOfRequest(drop.key)
        if let standing {
            let isTwin = try isTwin(of: found, drop, in: standing)
            let isSuperseded = try isSuperseded(drop.key, in: standing)
            if isTwin || !isSuperseded {
                return try resolve(drop, found, against: standing, now: now, commit: &commit)
            }
        }
        let traces = try Traces(of: drop.key, in: spool)
        if standing != nil {
            try spool.archive(drop.key, from: .dead, now: now)
            commit.add(archiveDay: now.day)
        } else if traces[.invoice] == .done, try finishArchiving(drop.key, commit: &commit) {
            return try take(drop, found, now: now, commit: &commit)
        } else if !traces.isEmpty {
            return try takeBack(drop, found, traces, now: now, commit: &commit)
        }
        return try enter(drop, found, round: nil, now: now, commit: &commit)
    }

    /// Whether what stands aside is what stands in a state, too. Where renames are done by links, a crash in the middle of a
    /// move out of aside/ leaves one file under two names, and the one in processing/ may have been loaded, rejected and
    /// buried since: it is no request that came again.
    func isTwin(of found: ClaimedRequest, _ drop: Drop, in standing: State) throws(Errno) -> Bool {
        guard drop.place == .aside else { return false }
        return try spool.directory(standing).status(drop.key.fileName)?.identity == found.status.identity
    }

    /// Whether nothing stands of a key but, perhaps, in processing/.
    private func isUnknown(_ key: Key, _ row: Row?) throws(Errno) -> Bool {
        if try isParked(key, row) { return false }
        let invoice = Sidecar.invoice.fileName(key)
        if try spool.done.contains(key.fileName) { return false }
        if try spool.done.contains(invoice) { return false }
        return try !spool.incoming.contains(invoice)
    }

    /// Whether something of a key stands in hold/ or dead/.
    func isParked(_ key: Key, _ row: Row? = nil) throws(Errno) -> Bool {
        if let row, row.isEmpty { return false }
        let names = [key.fileName, Sidecar.invoice.fileName(key), Sidecar.error.fileName(key)]
        if let row, !row.mayHold(anyOf: names) { return false }
        for state in [State.hold, .dead] where try spool.directory(state).contains(anyOf: names) { return true }
        return false
    }

    /// The request, if no sidecar of its key stands in processing/; a request there is for the rename to find.
    ///
    /// Where an `.invoice` will be written anyway, it is made now, empty, by a call that refuses a taken name: that spares
    /// two looks, 4 of 92 µs an invoice. An `.attempts` alone means something only to a processor that was told to wait.
    private func alone(_ found: ClaimedRequest) throws(Errno) -> ClaimedRequest? {
        let invoice = Sidecar.invoice.fileName(found.key)
        guard case .success = found.reading, !usesProcessor, !spool.processing.movesByLink else {
            return try spool.processing.contains(anyOf: [invoice, Sidecar.attempts.fileName(found.key)]) ? nil : found
        }
        do throws(Errno) {
            return found.with(invoice: SharedFile(try File.creating(invoice, in: spool.processing)))
        } catch .fileExists {
            return nil
        }
    }

    /// Removes what was made for a request that has not come to processing/, unless somebody else has brought it there.
    func removeInvoice(of found: ClaimedRequest) {
        guard found.invoice != nil, (try? spool.processing.contains(found.key.fileName)) == false else { return }
        _ = try? spool.processing.remove(Sidecar.invoice.fileName(found.key))
    }

    /// Removes it from beside another request, which had no `.invoice` and has still none.
    private func takeBackInvoice(of found: ClaimedRequest) throws(Errno) {
        guard let invoice = found.invoice, try invoice.file.status().size == 0 else { return }
        try spool.processing.remove(Sidecar.invoice.fileName(found.key))
    }

    /// The transition itself: the drop becomes processing/KEY.json.
    func enter(
        _ drop: Drop, _ found: ClaimedRequest, round: AttemptLine.Round?, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let key = drop.key
        let request = key.fileName
        // A request that stands there keeps its own: it may not have been processed yet.
        if let name = found.fileName, try !spool.processing.contains(request) { try names.keep(name, for: key) }
        let isMine: Bool?
        do throws(Errno) {
            isMine = try directory(of: drop).moveAtOnce(drop.name, to: spool.processing, as: request)
        } catch {
            removeInvoice(of: found)
            throw error
        }
        if isMine == true { return try entered(drop, found, round: round, now: now, commit: &commit) }
        try takeBackInvoice(of: found)
        let other = found.with(invoice: nil)
        return try isMine == nil
            ? enterByLink(drop, other, round: round, now: now, commit: &commit)
            : resolve(drop, other, against: .processing, now: now, commit: &commit)
    }

    /// Where no rename refuses a taken name, a drop goes aside first: there nobody replaces it between the two steps.
    private func enterByLink(
        _ drop: Drop, _ found: ClaimedRequest, round: AttemptLine.Round?, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        guard drop.place == .aside else { return try claimAside(drop, now: now, commit: &commit) }
        guard try spool.aside.move(drop.name, to: spool.processing, as: drop.key.fileName) else {
            return try resolve(drop, found, against: .processing, now: now, commit: &commit)
        }
        return try entered(drop, found, round: round, now: now, commit: &commit)
    }

    /// What stands in processing/ now, which need not be what was looked at.
    private func entered(
        _ drop: Drop, _ found: ClaimedRequest, round: AttemptLine.Round?, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let key = drop.key
        let request = key.fileName
        commit.add(.processing)
        if found.lease?.isWanted ?? false,
            try spool.processing.move(request, to: spool.incoming, as: drop.origin ?? request.text)
        {
            // Somebody began to write it anew before it was renamed, and would write over a claimed request.
            removeInvoice(of: found)
            if drop.origin != nil { try names.forget(aside: drop.name) }
            return .beingWritten
        }
        let claimed = try spool.processing.status(request)
        if let claimed, claimed.identity == found.status.identity { return .claimed(found, round: round) }
        try takeBackInvoice(of: found)
        guard let claimed else { return .vanished }
        // The file was replaced between the look and the rename: what was taken is what counts.
        guard let actual = try content(of: request, in: spool.processing) else { return .vanished }
        if round != nil, actual != found.content {
            // The sidecars that were brought for the other one are not its own.
            let aside = try setAside(request.text, of: key, from: spool.processing, now: now)
            return try claimAgain(aside, now: now, commit: &commit)
        }
        let replacement = ClaimedRequest(
            key: key, content: actual, status: claimed, maximumBytes: maximumBytes, fileName: found.fileName)
        return .claimed(replacement, round: round)
    }

    /// A request in dead/ that was never processed leaves its key free.
    private func isSuperseded(_ key: Key, in standing: State) throws(Errno) -> Bool {
        guard standing == .dead else { return false }
        if try spool.state(of: .invoice, key, in: State.taking) != nil { return false }
        // `mv dead/KEY.json* incoming/` may have taken it from under a request that was buried again meanwhile.
        return try !isOurInvoice(of: key)
    }

    /// Whether the key's `.invoice` stands in incoming/, put there by this user or root.
    private func isOurInvoice(of key: Key) throws(Errno) -> Bool {
        guard try isOurs(Sidecar.invoice.fileName(key)), let content = try spool.read(.invoice, key, in: .incoming)
        else {
            return false
        }
        return (try? InvoiceRecord.read(content))?.key == key.name
    }

    /// A conflict that came back leaves the `.error` it had in dead/ behind: removed before the first rename, after which
    /// nothing tells where the drop came from; set apart again, it gets another.
    private func forgetError(of drop: Drop) throws(Errno) {
        guard drop.isReturnedConflict else { return }
        let name = drop.name + ".error"
        if try !spool.dead.contains(drop.name) { try spool.dead.remove(name) }
        if try isOurs(name) { try spool.incoming.remove(name) }
    }

    var names: OriginalName { OriginalName(spool) }

    func directory(of drop: Drop) -> Directory {
        switch drop.place {
        case .incoming: spool.incoming
        case .aside: spool.aside
        }
    }
}
