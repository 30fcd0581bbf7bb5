internal import Files
internal import Settle
internal import Spool
internal import SystemPackage

/// Looks at what is neither a request nor its sidecar: conflicts, refused files, and what does not belong in a spool.
struct CheckOthers: Sendable {
    let spool: Spool
    let isServed: Bool

    func findings(_ entry: CheckEntry, _ name: CheckName, in state: State) throws(Errno) -> [CheckFinding] {
        switch name {
        case .request, .sidecar: return []
        case .conflict: return state == .dead || state == .incoming ? [] : [foreign(entry, state)]
        case .refused: return state == .dead ? [] : [foreign(entry, state)]
        case .reason(let owner):
            if state != .dead { return state == .incoming ? [] : [foreign(entry, state)] }
            return try reason(of: owner)
        case .unfinished:
            // In incoming/ they are writers' work in progress.
            return state == .incoming ? [] : [unfinished(entry)]
        case .foreign:
            // In incoming/ they are refused when they are met.
            return state == .incoming ? [] : [foreign(entry, state)]
        }
    }

    /// What stands in aside/ is compared in a moment; without a daemon, the next one does.
    func asideFinding(_ entry: CheckEntry) throws(Errno) -> CheckFinding? {
        guard let status = try spool.aside.status(entry.name) else { return nil }
        if spool.keySource != .name, CheckName.isOriginalName(entry.name) { return nil }
        guard status.kind == .regular, isAsideName(entry.name) || isStagedName(entry.name) else {
            return CheckFinding(
                .warning, "foreign", entry.path, "Billhook did not put this into aside/, and never looks at it.",
                advice: "Move it out of the spool.")
        }
        if isStagedName(entry.name) {
            return CheckFinding(
                .info, "aside", entry.path,
                "An event was being raised here; a crash, or a full disk, interrupted that.",
                advice: "The daemon raises it again when it meets its cause, and removes what is left after 36 h.")
        }
        let message = "A drop stands aside here, to be compared with the request that has its key"
        if isServed {
            return CheckFinding(
                .warning, "aside", entry.path, "\(message), and the daemon has not finished that.",
                advice: "Look for the reason in the daemon's log; started again, it takes the file up.")
        }
        return CheckFinding(
            .info, "aside", entry.path, "\(message); a crash interrupted that.",
            advice: "The daemon finishes it when it starts.")
    }

    private func isStagedName(_ name: [UInt8]) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        return text.hasSuffix(Herald.stagedSuffix) && Key(entry: text.dropLast(Herald.stagedSuffix.utf8.count)) != nil
    }

    private func isAsideName(_ name: [UInt8]) -> Bool {
        if spool.keySource != .name, CheckName.isUnkeyed(name[...]) { return true }
        guard let mark = name.lastIndex(of: UInt8(ascii: "~")), case .request = DropName(Array(name[..<mark])) else {
            return false
        }
        return true
    }

    private func unfinished(_ entry: CheckEntry) -> CheckFinding {
        CheckFinding(
            .info, "unfinished", entry.path,
            "This is the name of work in progress (an editor's, or a crashed writer's); Billhook leaves it alone.",
            advice: "Remove it if nobody works on it.")
    }

    private func foreign(_ entry: CheckEntry, _ state: State) -> CheckFinding {
        CheckFinding(
            .warning, "foreign", entry.path,
            "This is no name that belongs in \(state.rawValue)/: neither a request (KEY.json) nor a sidecar of one. Billhook"
                + " never looks at it.",
            advice: "Move it out of the spool; if it is a request, rename it to KEY.json and move it to incoming/.")
    }

    /// The `.error` of a conflict or a refused file whose file somebody took away.
    private func reason(of owner: String) throws(Errno) -> [CheckFinding] {
        let name = owner + ".error"
        for directory in [spool.dead, spool.incoming] where try directory.contains(owner) { return [] }
        if case .conflict(let key) = DropName(owner), try standsAside(key) { return [] }
        // The reason is written first: after a crash its file may still be in incoming/, and the daemon goes on there.
        if let content = try spool.dead.read(name, upTo: 65_536),
            let original = ErrorReport(content)?.fileName.flatMap(DropName.unescaped)
        {
            if try spool.incoming.status(original) != nil { return [] }
            if try isAside(original) { return [] }
        }
        return [
            CheckFinding(
                .warning, "orphan", "dead/\(name)", "The file that it explains was moved or removed.",
                repair: .archive(name: name, from: .dead))
        ]
    }

    /// Whether a drop that came under this name waits in aside/ for its key.
    private func isAside(_ original: [UInt8]) throws(Errno) -> Bool {
        guard spool.keySource != .name else { return false }
        for name in try spool.aside.names()
        where try spool.aside.link(String(decoding: name, as: UTF8.self))?.utf8.elementsEqual(original) ?? false {
            return true
        }
        return false
    }

    /// Whether a drop of the key waits in aside/: the reason of a conflict is written before it is moved from there.
    private func standsAside(_ key: Key) throws(Errno) -> Bool {
        try spool.aside.names().contains { $0.starts(with: "\(key.fileName)~".utf8) }
    }
}
