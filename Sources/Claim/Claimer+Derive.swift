internal import Files
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// Drops whose key is in their content.
///
/// Such a drop is looked at twice. First under the name that its producer gave it: when it is whole it goes to aside/,
/// where nobody can replace it, and its key is read. Then, as a drop of that key and so in the lane of all work on that
/// key: it is read again, since a writer that had it open may have changed it, and goes the way of every drop. A crash in
/// between leaves it in aside/, and its key is read anew.
extension Claimer {
    /// The first look. Returns `derived` with the drop as it stands in aside/, unless its way ends here.
    func derive(
        _ drop: Drop, by derivation: KeyDerivation, evidence: Evidence, evenIfIncomplete: Bool, now: Timestamp,
        commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        var drop = drop
        if drop.place == .aside {
            if drop.origin == nil { drop = drop.unkeyed(origin: try names.origin(ofAside: drop.name)) }
            if try removeTwin(drop) { return .vanished }
        }
        let look = try look(at: drop, evidence: evidence)
        guard case .readable(let content, let status, let lease) = look else {
            if case .refused = look.outcome, try giveBack(drop) { return .vanished }
            return look.outcome
        }
        let reading = readKey(content, status, by: derivation)
        if case .failure(let rejection) = reading, rejection.isIncomplete {
            if drop.place == .incoming, !evenIfIncomplete { return .incomplete(FileSnapshot(status)) }
            // It was whole when it was set aside, or replaced in that moment: it waits for its rest again.
            if drop.place == .aside, evidence == .seen, try giveBack(drop) { return .vanished }
        }
        if drop.place == .incoming {
            drop = try setAside(drop, now: now)
            // What was moved need not be what was looked at, and somebody may have begun to write it anew.
            let isSame = try spool.aside.status(drop.name)?.identity == status.identity
            guard isSame, !(lease?.isWanted ?? false) else { return .derived(drop) }
        }
        switch reading {
        case .failure(let rejection): return try buryKeyless(drop, rejection, now: now, commit: &commit)
        case .success(let key):
            if let outcome = try returnEdited(drop, key, now: now, commit: &commit) { return outcome }
            try forgetError(of: drop, toBe: key)
            return .derived(drop.keyed(key))
        }
    }

    /// The second look: claims the drop, which stands in aside/, for the key that was read in it.
    func claimDerived(
        _ drop: Drop, by derivation: KeyDerivation, evidence: Evidence, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let look = try look(at: drop, evidence: evidence)
        guard case .readable(let content, let status, let lease) = look else { return look.outcome }
        guard case .success(let key) = readKey(content, status, by: derivation), key == drop.key else {
            return .derived(drop.unkeyed(origin: drop.origin))
        }
        let name = try firstName(of: drop)
        // Before the `.error` goes that tells it.
        if let name, name != drop.origin { try names.replace(aside: drop.name, of: key, with: name) }
        let found = ClaimedRequest(
            key: key, content: content, status: status, maximumBytes: maximumBytes, lease: lease, fileName: name)
        let outcome = try take(drop, found, now: now, commit: &commit)
        switch outcome {
        case .beingWritten, .derived: break
        default: try names.forget(aside: drop.name)
        }
        return outcome
    }

    private func readKey(
        _ content: [UInt8], _ status: FileStatus, by derivation: KeyDerivation
    ) -> Result<Key, Rejection> {
        if content.isEmpty, status.size > 0 { return .failure(.unreadable) }
        if content.count > maximumBytes { return .failure(.tooLarge(limit: maximumBytes)) }
        return Result { () throws(KeylessContent) in try derivation.key(of: content) }.mapError(Rejection.init)
    }

    // MARK: To aside/ and back

    private func setAside(_ drop: Drop, now: Timestamp) throws(Errno) -> Drop {
        var attempt = 0
        while true {
            let name = try names.reserve(drop.name, now: now, attempt: &attempt)
            do throws(Errno) {
                switch try spool.incoming.moveAtOnce(drop.name, to: spool.aside, as: name) {
                case true?: return drop.setAside(as: name)
                case false?: break
                case nil:
                    // Only Billhook makes names in aside/, so looking first does; and one plain rename loses nothing.
                    if try !spool.aside.contains(name) {
                        try spool.incoming.replace(name, in: spool.aside, with: drop.name)
                        return drop.setAside(as: name)
                    }
                }
            } catch {
                try names.forget(aside: name)
                throw error
            }
            try names.forget(aside: name)
        }
    }

    /// Moves what was set aside to incoming/ again, under its own name. Returns `false` if that is lost or taken.
    private func giveBack(_ drop: Drop) throws(Errno) -> Bool {
        guard drop.place == .aside, let origin = drop.origin,
            try spool.aside.move(drop.name, to: spool.incoming, as: origin)
        else { return false }
        try names.forget(aside: drop.name)
        return true
    }

    /// Where renames are done by links, a crash in the middle of a move out of aside/ leaves one file under two names: what
    /// came first is to go, or its content would be taken up twice. Returns whether it was such a one.
    private func removeTwin(_ drop: Drop) throws(Errno) -> Bool {
        guard let origin = drop.origin, let status = try spool.aside.status(drop.name), status.linkCount > 1 else {
            return false
        }
        let places = [
            (spool.incoming, origin), (spool.dead, origin),
            (spool.dead, DropName.refusedName(Array(origin.utf8))),
        ]
        for (directory, name) in places where try directory.status(name)?.identity == status.identity {
            try spool.aside.remove(drop.name)
            try names.forget(aside: drop.name)
            return true
        }
        return false
    }

    /// Under which name the request was dropped first: one that was rejected, mended and moved back as `KEY.json` had
    /// another, which its `.error` tells, or its link since an earlier try to claim it.
    private func firstName(of drop: Drop) throws(Errno) -> String? {
        guard drop.bearsOwnName else { return drop.origin }
        if let bytes = try spool.read(.error, drop.key, in: .dead),
            let name = ErrorReport(bytes)?.fileName.flatMap(DropName.unescaped)
        {
            return String(validating: name, as: UTF8.self) ?? drop.origin
        }
        return try names.origin(ofAside: drop.name) ?? drop.origin
    }

    // MARK: What came back from dead/, done/ or hold/

    /// A processed request that came back under its key's name, edited so that its content has another key. It goes back
    /// to dead/ as it does in every spool: what was billed once is not billed again because of an edit. Returns `nil` for
    /// every other drop.
    private func returnEdited(
        _ drop: Drop, _ key: Key, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome? {
        guard let own = ownKey(of: drop), own != key, try spool.state(of: .invoice, own, in: State.taking) != nil,
            try spool.stateOfRequest(own) == nil
        else { return nil }
        var traces = try Traces(of: own, in: spool)
        try traces.distrust { sidecar throws(Errno) in try isOurs(sidecar.fileName(own)) }
        let outcome = try returnToDead(drop.keyed(own), traces, now: now, commit: &commit)
        try names.forget(aside: drop.name)
        return outcome
    }

    /// The key that its name would be, if it is legal.
    private func ownKey(of drop: Drop) -> Key? {
        guard let origin = drop.origin, case .request(let key) = DropName(origin) else { return nil }
        return key
    }

    /// A rejected file that was mended, and so has another key now, leaves the `.error` of its old name behind.
    private func forgetError(of drop: Drop, toBe key: Key) throws(Errno) {
        guard let origin = drop.origin, origin != key.fileName, origin.utf8.count + 6 <= 255 else { return }
        let name = origin + ".error"
        if try spool.dead.contains(name), try isGone(drop, origin) { try spool.dead.remove(name) }
        if try spool.incoming.contains(name), try isOurs(name) { try spool.incoming.remove(name) }
    }

    private func isGone(_ drop: Drop, _ origin: String) throws(Errno) -> Bool {
        if let own = ownKey(of: drop) { return try spool.stateOfRequest(own) == nil }
        return try !spool.dead.contains(origin)
    }

    // MARK: Without a key

    /// Moves a drop whose content has no key to dead/, its `.error` first: under its own name, if that is a legal one and
    /// no request has it, so that it can be mended and moved back like every other; else under the name of a refused file.
    private func buryKeyless(
        _ drop: Drop, _ rejection: Rejection, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let origin = Array((drop.origin ?? drop.name).utf8)
        if commit.durability == .full, let file = try? File.reading(drop.name, in: spool.aside) { try file.sync() }
        let refusedName = DropName.refusedName(origin)
        func report(under name: String) -> ErrorReport {
            // Moved back as it is called there, it would be refused for its name.
            let renaming = name == refusedName ? " Rename it to something.json when you move it back." : ""
            return ErrorReport(
                code: rejection.code, message: rejection.message, stage: .claim, hint: rejection.hint + renaming,
                at: now, fileName: DropName.escaped(origin))
        }
        var name = refusedName
        if let own = ownKey(of: drop), try isFree(own) { name = own.fileName.text }
        while true {
            try explain(name, report(under: name), durability: commit.durability)
            if try spool.aside.move(drop.name, to: spool.dead, as: name) { break }
            // The same name was refused before: what lies there gives way to what came last.
            if name == refusedName { try spool.archive(name, from: .dead, now: now) }
            name = refusedName
        }
        commit.add(.dead)
        try names.forget(aside: drop.name)
        return .keyless(fileName: name, report(under: name))
    }

    /// Whether nothing of a key stands anywhere but, at most, the `.error` that the drop itself left when it came back.
    private func isFree(_ key: Key) throws(Errno) -> Bool {
        guard try spool.stateOfRequest(key) == nil else { return false }
        return try spool.state(of: .invoice, key, in: State.taking) == nil
    }
}

extension Rejection {
    init(_ keyless: KeylessContent) {
        self.init(Kind(rawValue: keyless.code.rawValue) ?? .invalidField, keyless.message, hint: keyless.hint)
    }
}
