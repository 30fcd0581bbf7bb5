internal import Files
internal import Hashing
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// A drop whose key is taken.
extension Claimer {
    /// Sets the drop aside, where no producer can replace it while it is compared, and compares.
    func resolve(
        _ drop: Drop, _ found: ClaimedRequest, against standing: State, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        guard drop.place == .aside else { return try claimAside(drop, now: now, commit: &commit) }
        if try isTwin(of: found, drop, in: standing) {
            try spool.aside.remove(drop.name)
            // Elsewhere no crash of ours makes a second name: its producer has linked it in once more.
            return spool.aside.movesByLink ? .vanished : .duplicate(of: standing)
        }
        guard let first = try content(of: drop.key.fileName, in: spool.directory(standing)) else {
            return try claimAgain(drop, now: now, commit: &commit)
        }
        if isWhole(found), SameRequest.holds(found.content, first) {
            if found.lease?.isWanted ?? false { return .beingWritten }
            try spool.aside.remove(drop.name)
            return .duplicate(of: standing)
        }
        return try setApart(drop, found, standing, now: now, commit: &commit)
    }

    /// What it was judged by moved on in this moment: looks again where it stands now.
    func claimAgain(_ drop: Drop, now: Timestamp, commit: inout Commit) throws(Errno) -> ClaimOutcome {
        try claim(drop, evidence: .settled, now: now, commit: &commit)
    }

    func claimAside(_ drop: Drop, now: Timestamp, commit: inout Commit) throws(Errno) -> ClaimOutcome {
        let aside = try setAside(drop.name, of: drop.key, from: spool.incoming, now: now)
        return try claimAgain(aside, now: now, commit: &commit)
    }

    /// Whether all of a file was read: of one that is too large, or forbidden, nothing can be said by comparing.
    private func isWhole(_ found: ClaimedRequest) -> Bool {
        found.content.count == found.status.size && found.content.count <= maximumBytes
    }

    /// What a file holds, as far as it is read; nothing for one that may not be read, `nil` if it has gone.
    func content(of name: some FileNaming, in directory: Directory) throws(Errno) -> [UInt8]? {
        guard let status = try directory.status(name) else { return nil }
        guard status.kind == .regular else { return [] }
        do throws(Errno) {
            return try directory.read(name, upTo: maximumBytes + 1)
        } catch .permissionDenied {
            return []
        }
    }

    func setAside(_ name: String, of key: Key, from directory: Directory, now: Timestamp) throws(Errno) -> Drop {
        var attempt = 0
        while true {
            let mark = ContentHash.short(Array("\(name) \(now.nanoseconds) \(attempt)".utf8))
            let newName = "\(key.fileName)~\(mark)"
            guard let aside = Drop(aside: newName) else { throw .invalidArgument }
            switch try directory.moveAtOnce(name, to: spool.aside, as: newName) {
            case true?: return aside
            case false?: attempt += 1
            case nil:
                // Only Billhook makes names in aside/, so looking first does; and one plain rename loses nothing.
                if try !spool.aside.contains(newName) {
                    try directory.replace(newName, in: spool.aside, with: name)
                    return aside
                }
                attempt += 1
            }
        }
    }

    /// Moves a drop with other content to dead/, its `.error` first, under a name that is made from its content: the
    /// same conflict again finds itself there and is absorbed. A file that only shares the hash is never removed for it.
    func setApart(
        _ drop: Drop, _ found: ClaimedRequest, _ standing: State, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        guard drop.place == .aside else { return try claimAside(drop, now: now, commit: &commit) }
        if commit.durability == .full, let file = try? File.reading(drop.name, in: spool.aside) {
            // Before it is given a name that is made from its bytes.
            try file.sync()
        }
        let report = ErrorReport.conflict(of: drop, with: standing, spool.keySource, at: now)
        var salt = isWhole(found) ? "" : "\(now.nanoseconds) \(found.status.identity.inode)"
        while true {
            let name = drop.key.conflictFileName(for: found.content + Array(salt.utf8))
            let taken = try content(of: name, in: spool.dead)
            if taken == nil || taken == found.content && isWhole(found) {
                try explain(name, report, durability: commit.durability)
                let isMoved = try spool.easing { () throws(Errno) in
                    try spool.aside.move(drop.name, to: spool.dead, as: name)
                }
                if isMoved {
                    commit.add(.dead)
                    return .conflict(fileName: name)
                }
                if taken != nil {
                    try spool.aside.remove(drop.name)
                    return .conflict(fileName: name)
                }
            }
            salt += "+"
        }
    }

    /// Conflicts are rare: each flushes its `.error` by itself, so that no power cut leaves one without a reason.
    func explain(_ name: String, _ report: ErrorReport, durability: Durability) throws(Errno) {
        let file = try spool.explain(name + ".error", report)
        if durability == .full { try file.sync() }
    }
}

extension ErrorReport {
    static func conflict(
        of drop: Drop, with standing: State, _ keySource: KeySource, at now: Timestamp
    ) -> ErrorReport {
        let rename =
            switch keySource {
            case .derived(.field(let field)): "give it its own value in `\(field)`"
            case .name, .derived(.content): "rename it to a new key"
            }
        return ErrorReport(
            code: ErrorReport.conflictCode,
            message:
                "The key \(drop.key) is taken by a request with other content, which stands in \(standing.rawValue)/; this"
                + " one was set apart and has billed nothing.",
            stage: .claim,
            hint:
                "If it is an invoice of its own, \(rename) and move it to incoming/; otherwise delete it.",
            at: now, fileName: drop.origin.map { DropName.escaped(Array($0.utf8)) })
    }

    static func changedAfterProcessing(_ key: Key, _ keySource: KeySource, at now: Timestamp) -> ErrorReport {
        let rename =
            switch keySource {
            case .name: "give the edited file a new key"
            case .derived(.content): "give the edited file a name that no request has"
            case .derived(.field(let field)):
                "give the edited file its own value in `\(field)` and a name that no request has"
            }
        return ErrorReport(
            code: ErrorReport.conflictCode,
            message: "The request \(key) was processed with other content: its .invoice holds the SHA-256 of that.",
            stage: .claim,
            hint:
                "Undo the edit and move it to incoming/ again; or, if it is an invoice of its own, \(rename).",
            at: now)
    }
}
