internal import Files
public import Spool
public import SystemPackage
public import Times

/// Ends a request's stay in processing/: in done/, or in dead/ with the reason beside it.
///
/// Sidecars move first and the request's rename comes last: a request seen in done/ or dead/ has its sidecars beside
/// it, and whatever a crash leaves is gathered and settled again when the request is loaded.
public struct Settler: Sendable {
    let spool: Spool

    public init(_ spool: Spool) {
        self.spool = spool
    }

    public enum Outcome: Sendable, Equatable {
        case settled
        /// The request does not stand in processing/ any more.
        case vanished
        /// A request stands under its name where it is to go; it stays in processing/, for a person to look at.
        case blocked
    }

    /// Moves a processed request to done/.
    public func finish(_ key: Key, now: Timestamp, commit: inout Commit) throws(Errno) -> Outcome {
        try move(key, to: .done, now: now, commit: &commit)
    }

    /// Writes the `.error` of a request that is to be buried; it must be flushed before `bury`.
    public func explain(_ key: Key, _ report: ErrorReport, commit: inout Commit) throws(Errno) {
        commit.add(try spool.explain(Sidecar.error.fileName(key), report))
    }

    /// Moves a request, explained before, to dead/.
    public func bury(_ key: Key, now: Timestamp, commit: inout Commit) throws(Errno) -> Outcome {
        let outcome = try spool.easing { () throws(Errno) in
            try move(key, to: .dead, now: now, commit: &commit)
        }
        if outcome == .vanished, try !spool.dead.contains(key.fileName) {
            // Left there, it would make a retry of whatever comes under this key next.
            try spool.dead.remove(Sidecar.error.fileName(key))
        }
        return outcome
    }

    /// Moves something in incoming/ that is no request to dead/, with an `.error` that tells its escaped name. Returns
    /// the name it has there, or `nil` if it has gone.
    ///
    /// Throws what the file system does; of something that can't be moved (somebody else's directory, a mount point)
    /// nothing is left in dead/.
    public func refuse(
        _ name: [UInt8], because reason: String, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> String? {
        let refusedName = DropName.refusedName(name)
        guard try spool.incoming.status(name) != nil else { return nil }
        let reasons = try spool.explain(
            refusedName + ".error", .refused(name, because: reason, spool.keySource, at: now))
        // At once, since the move doesn't wait for the batch: no power cut leaves it in dead/ with a torn reason.
        if commit.durability == .full { try reasons.sync() }
        commit.add(.dead)
        do throws(Errno) {
            let isMoved = try spool.easing { () throws(Errno) in
                try spool.incoming.move(name, to: spool.dead, as: refusedName)
            }
            if isMoved {
                return try giveBack(refusedName, name) ? nil : refusedName
            }
            if let left = try spool.incoming.status(name),
                try spool.dead.status(refusedName)?.identity == left.identity
            {
                // A crash between `link` and `unlink` left one file under both names.
                try spool.incoming.remove(name)
                return refusedName
            }
            // The same name was refused before: what lies there gives way to what came last.
            try spool.archive(refusedName, from: .dead, now: now)
            commit.add(archiveDay: now.day)
            return try spool.incoming.move(name, to: spool.dead, as: refusedName) ? refusedName : nil
        } catch .noSuchFileOrDirectory {
            try forgetError(of: refusedName)
            return nil
        } catch {
            try forgetError(of: refusedName)
            throw error
        }
    }

    /// A good request may have replaced, in the last moment, what was refused under its name: it goes back.
    private func giveBack(_ refusedName: String, _ name: [UInt8]) throws(Errno) -> Bool {
        guard isRequest(name), try spool.dead.status(refusedName)?.kind == .regular,
            try spool.dead.move(refusedName, to: spool.incoming, as: String(decoding: name, as: UTF8.self))
        else { return false }
        try forgetError(of: refusedName)
        return true
    }

    private func isRequest(_ name: [UInt8]) -> Bool {
        if case .request(let key) = DropName(name) { return !key.isEntry }
        return spool.keySource.derivesKey(ofFile: name)
    }

    /// An `.error` stands beside what it explains, or not at all.
    func forgetError(of refusedName: String) throws(Errno) {
        if try !spool.dead.contains(refusedName) { try spool.dead.remove(refusedName + ".error") }
    }

    private func move(_ key: Key, to state: State, now: Timestamp, commit: inout Commit) throws(Errno) -> Outcome {
        let name = key.fileName
        guard try spool.processing.contains(name) else { return .vanished }
        if try spool.hasAnother(key, in: state) { return .blocked }
        if state == .dead { try removeUnwrittenInvoice(of: key) }
        for sidecar in [Sidecar.attempts, .invoice] {
            try spool.bring(sidecar, key, from: .processing, to: state, now: now)
        }
        do throws(Errno) {
            if try !spool.processing.move(name, to: spool.directory(state), as: name) {
                guard try spool.isOneFile(name, in: .processing, and: state) else { return .blocked }
                try spool.processing.remove(name)
            }
        } catch .noSuchFileOrDirectory {
            // A person took the request in this moment: its sidecars wait where it was.
            for sidecar in [Sidecar.attempts, .invoice] {
                try spool.bring(sidecar, key, from: state, to: .processing, now: now)
            }
            return .vanished
        }
        commit.add(state)
        return .settled
    }

    /// In dead/ it would make a rejected request one that was processed.
    func removeUnwrittenInvoice(of key: Key) throws(Errno) {
        if try spool.hasUnwrittenInvoice(key) { try spool.processing.remove(Sidecar.invoice.fileName(key)) }
    }
}

extension ErrorReport {
    static func refused(
        _ name: [UInt8], because reason: String, _ keySource: KeySource, at now: Timestamp
    ) -> ErrorReport {
        let form =
            keySource == .name
            ? "KEY.json, the key 1 to 200 letters, digits or . _ ~ @ : + = - and beginning with a letter or digit"
            : "ANYTHING.json"
        return ErrorReport(
            code: "refused", message: "The file in incoming/ is no request: \(reason).", stage: .claim,
            hint: "A request is a regular file named \(form). Rename it and move it to incoming/ again, or delete it.",
            at: now, fileName: DropName.escaped(name))
    }
}
