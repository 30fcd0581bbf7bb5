internal import Files
public import Spool
public import SystemPackage
public import Times

/// Burying a file that makes the process die: nothing of it is opened on its way to dead/.
extension Settler {
    /// Moves a condemned file to dead/, its `.error` and its sidecars first, and flushes the reason before the move.
    ///
    /// A request goes there under its own name, a drop too if nothing stands in its key's way; everything else gets a
    /// name like what is refused. Its key is free then unless it had been processed, as for any request in dead/.
    ///
    /// Throws what the file system does; it stands where it stood then, and no reason is left in dead/.
    public func buryUnread(_ suspect: Suspect, now: Timestamp, commit: inout Commit) throws(Errno) -> Burial {
        guard try spool.directory(suspect.place).status(suspect.name) != nil else { return .vanished }
        if suspect.place == .processing, let key = suspect.key {
            return try buryUnread(key, suspect, now: now, commit: &commit)
        }
        let fileName = try nameInDead(suspect)
        let report = ErrorReport.crashed(
            suspect, fileName: fileName.hasSuffix(".json") ? nil : DropName.escaped(suspect.ownName), at: now)
        try explainAtOnce(fileName, report, commit.durability)
        do throws(Errno) {
            if let key = suspect.key, fileName == key.fileName { try bringToDead(key, now: now) }
            guard try move(suspect, as: fileName, now: now) else { return .blocked }
        } catch {
            try forgetError(of: fileName)
            if error == .noSuchFileOrDirectory { return .vanished }
            throw error
        }
        commit.add(.dead)
        return .buried(fileName: fileName, report)
    }

    private func buryUnread(
        _ key: Key, _ suspect: Suspect, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> Burial {
        if try spool.hasAnother(key, in: .dead) { return .blocked }
        let report = ErrorReport.crashed(suspect, fileName: nil, at: now)
        try explainAtOnce(key.fileName.text, report, commit.durability)
        return switch try bury(key, now: now, commit: &commit) {
        case .settled: .buried(fileName: key.fileName.text, report)
        case .vanished: .vanished
        case .blocked: .blocked
        }
    }

    /// The name that it gets there. What a producer dropped under a taken key must not pass for that key's request.
    private func nameInDead(_ suspect: Suspect) throws(Errno) -> String {
        let refusedName = DropName.refusedName(suspect.name)
        switch (suspect.place, DropName(suspect.ownName)) {
        case (_, .request(let key)):
            if try spool.stateOfRequest(key) != nil { return refusedName }
            // What stands aside met another request under its key: sidecars there are that one's.
            if suspect.place == .aside, try spool.state(of: .invoice, key) != nil { return refusedName }
            return key.fileName.text
        case (.incoming, .conflict):
            let name = String(decoding: suspect.name, as: UTF8.self)
            return try spool.dead.contains(name) ? refusedName : name
        default:
            return refusedName
        }
    }

    /// What was left behind where a person took the request from.
    private func bringToDead(_ key: Key, now: Timestamp) throws(Errno) {
        try removeUnwrittenInvoice(of: key)
        for sidecar in [Sidecar.attempts, .invoice] {
            if let state = try spool.state(of: sidecar, key, in: State.taking), state != .dead {
                try spool.bring(sidecar, key, from: state, to: .dead, now: now)
            }
        }
    }

    /// `false` if a request stands there under the name by now.
    private func move(_ suspect: Suspect, as fileName: String, now: Timestamp) throws(Errno) -> Bool {
        let place = spool.directory(suspect.place)
        if try place.move(suspect.name, to: spool.dead, as: fileName) { return true }
        if fileName.hasSuffix(".json") { return false }
        // The same name was refused before: what lies there gives way to what came last.
        try spool.archive(fileName, from: .dead, now: now)
        return try place.move(suspect.name, to: spool.dead, as: fileName)
    }

    private func explainAtOnce(_ fileName: String, _ report: ErrorReport, _ durability: Durability) throws(Errno) {
        let file = try File.replacing(fileName + ".error", in: spool.dead)
        try file.write(report.encoded())
        if durability == .full { try file.sync() }
    }
}

extension Suspect {
    /// The name that it was dropped under.
    fileprivate var ownName: [UInt8] {
        if place == .aside, let key { return Array(key.fileName.text.utf8) }
        return name
    }
}

extension ErrorReport {
    fileprivate static func crashed(_ suspect: Suspect, fileName: String?, at now: Timestamp) -> ErrorReport {
        ErrorReport(
            code: "crashed",
            message: "Billhook ended \(suspect.deaths) times in a row while it was reading this file and no other; it"
                + " stood in \(suspect.place.rawValue)/ and has not been opened since.",
            stage: suspect.place == .processing ? .process : .claim,
            hint:
                "Look at the file, and report it as a defect of Billhook. To have it read again, change it, or install a"
                + " Billhook that can read it, and move it to incoming/ as KEY.json.",
            at: now, fileName: fileName)
    }
}
