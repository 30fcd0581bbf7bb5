internal import Files
internal import JSON
internal import Spool
internal import SystemPackage
internal import Times

/// A drop whose key is taken.
extension Claimer {
    /// Sets the drop aside, where no producer can replace it while it is compared, and compares.
    func resolve(
        _ drop: Drop, _ found: ClaimedRequest, against standing: State, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        if try spool.directory(standing).status(drop.key.fileName)?.identity == found.status.identity {
            try directory(of: drop).remove(drop.name)
            return .vanished
        }
        guard drop.place == .aside else {
            return try claim(try setAside(drop, now: now), evidence: .settled, now: now, commit: &commit)
        }
        guard let first = try spool.directory(standing).read(drop.key.fileName, upTo: maximumBytes + 1) else {
            // It moved on in this moment; look again where it stands now.
            return try claim(drop, evidence: .settled, now: now, commit: &commit)
        }
        if Claimer.isSameRequest(found.content, first) {
            try spool.aside.remove(drop.name)
            return .duplicate(of: standing)
        }
        return try setApart(drop, found.content, standing, now: now, commit: &commit)
    }

    /// The bytes, or the same JSON value.
    static func isSameRequest(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        if a == b { return true }
        guard let first = try? JSONReader.read(a), let second = try? JSONReader.read(b) else { return false }
        return first.isSame(as: second)
    }

    private func setAside(_ drop: Drop, now: Timestamp) throws(Errno) -> Drop {
        var attempt = 0
        while true {
            let mark = Fingerprint.short(Array("\(drop.name) \(now.nanoseconds) \(attempt)".utf8))
            let name = "\(drop.key.fileName)~\(mark)"
            guard let aside = Drop(aside: name) else { throw .invalidArgument }
            if try spool.incoming.move(drop.name, to: spool.aside, as: name) { return aside }
            attempt += 1
        }
    }

    /// Moves a drop with other content to dead/, its `.error` first, under a name that is made from its content: the
    /// same conflict again finds itself there and is absorbed.
    private func setApart(
        _ drop: Drop, _ content: [UInt8], _ standing: State, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let name = drop.key.conflictFileName(for: content)
        let report = ErrorReport.conflict(of: drop.key, with: standing, at: now)
        let file = try File.replacing(name + ".error", in: spool.dead)
        try file.write(report.encoded())
        commit.add(file)
        if try !spool.aside.move(drop.name, to: spool.dead, as: name) { try spool.aside.remove(drop.name) }
        commit.add(.dead)
        return .conflict(fileName: name)
    }
}

extension ErrorReport {
    static func conflict(of key: Key, with standing: State, at now: Timestamp) -> ErrorReport {
        ErrorReport(
            code: "conflict",
            message:
                "The key \(key) is taken by a request with other content, which stands in \(standing.rawValue)/; this"
                + " one was set apart and has billed nothing.",
            stage: .claim,
            hint:
                "If it is an invoice of its own, rename it to a new key and move it to incoming/; otherwise delete it.",
            at: now)
    }

    static func changedAfterProcessing(_ key: Key, at now: Timestamp) -> ErrorReport {
        ErrorReport(
            code: "conflict",
            message: "The request \(key) was processed with other content: its .invoice holds the SHA-256 of that.",
            stage: .claim,
            hint:
                "Undo the edit and move it to incoming/ again; or, if it is an invoice of its own, give the edited file"
                + " a new key.",
            at: now)
    }
}
