internal import Files
internal import Hashing
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// Looks at the request files of a spool.
struct CheckRequests: Sendable {
    let spool: Spool

    /// The states in the order of an invoice's way: of two names of one file the later one counts.
    private static let order: [State] = [.incoming, .processing, .hold, .done, .dead]

    /// What is wrong with a request in a state; each pair of states is told of at the earlier one.
    func findings(_ key: Key, in state: State) throws(Errno) -> [CheckFinding] {
        guard let status = try spool.directory(state).status(key.fileName) else { return [] }
        // In incoming/ anything may stand: it is refused when it is claimed.
        if state == .incoming { return status.linkCount > 1 ? try others(key, in: state, status) : [] }
        guard status.kind == .regular else { return [.notRegular("\(state.rawValue)/\(key.fileName)")] }
        var findings = try others(key, in: state, status)
        if state == .done, status.linkCount > 1, findings.isEmpty, let twin = try archivedTwin(key, status) {
            findings.append(twin)
        }
        findings += try missingSidecar(key, in: state)
        return findings
    }

    private func others(_ key: Key, in state: State, _ status: FileStatus) throws(Errno) -> [CheckFinding] {
        let later = CheckRequests.order.drop { $0 != state }.dropFirst()
        var twin: State?
        var findings: [CheckFinding] = []
        for other in later {
            guard let found = try spool.directory(other).status(key.fileName) else { continue }
            if found.identity == status.identity {
                twin = other
            } else if state != .incoming {
                findings.append(.twoRequests(key, state, other))
            }
        }
        if let twin { findings.insert(.twin(key.fileName.text, state, twin), at: 0) }
        return findings
    }

    /// A crash in the middle of archiving leaves one file in done/ and in the archive where renames are done by links.
    private func archivedTwin(_ key: Key, _ status: FileStatus) throws(Errno) -> CheckFinding? {
        guard let content = try spool.read(.invoice, key, in: .done), let invoice = try? InvoiceRecord.read(content),
            let folder = try? spool.archive.directory(invoice.processedAt.day)
        else { return nil }
        let day = invoice.processedAt.day
        let mark = ContentHash.short(Array(invoice.id.utf8))
        for name in [key.fileName.text, "\(key.name).\(mark).json"]
        where try folder.status(name)?.identity == status.identity {
            return CheckFinding(
                .error, "twin", "done/\(key.fileName)",
                "This file stands in archive/\(day)/ as well, under a second name of the same file: a crash interrupted"
                    + " its move.",
                repair: .removeArchivedTwin(name: key.fileName.text, from: .done, day: day, archivedName: name))
        }
        return nil
    }

    private func missingSidecar(_ key: Key, in state: State) throws(Errno) -> [CheckFinding] {
        let path = "\(state.rawValue)/\(key.fileName)"
        switch state {
        case .done where key.isEntry: return []
        case .done where try !spool.done.contains(Sidecar.invoice.fileName(key)):
            let place = try spool.state(of: .invoice, key)
            return [
                CheckFinding(
                    .error, "no_invoice", path,
                    "The request stands in done/ and has no .invoice beside it"
                        + (place.map { "; one stands in \($0.rawValue)/." }
                            ?? ", so nothing tells that it was processed."),
                    advice: place == nil
                        ? "To have it processed, move it to incoming/; or take it out of the spool."
                        : "--repair brings an .invoice that fits; see there.")
            ]
        case .dead where try !spool.dead.contains(Sidecar.error.fileName(key)):
            return [
                CheckFinding(
                    .warning, "no_error", path,
                    "The request stands in dead/ and has no .error beside it, so nothing tells why.",
                    advice:
                        "Look at it with '\(spool.commands.billhook("show \(key)"))', then move it to incoming/ or take it out of the"
                        + " spool.")
            ]
        default:
            return []
        }
    }
}

extension CheckFinding {
    static func notRegular(_ path: String) -> CheckFinding {
        CheckFinding(
            .error, "not_regular", path,
            "This is no regular file (a directory, a symbolic link, a FIFO…), so Billhook can't use it.",
            advice: "Move it out of the spool.")
    }

    /// One file under one name in two states. Only the ways that Billhook itself moves files by are certain to be
    /// interrupted moves; for the others a person has to say which state is meant.
    static func twin(_ name: String, _ earlier: State, _ later: State) -> CheckFinding {
        let path = "\(earlier.rawValue)/\(name)"
        let message =
            "This file stands in \(later.rawValue)/ as well, under a second name of the same file: a crash interrupted"
            + " its move, or somebody linked it."
        guard earlier == .incoming || earlier == .processing else {
            return CheckFinding(
                .error, "twin", path, message, advice: "Remove the name in the state that is not meant.")
        }
        return CheckFinding(
            .error, "twin", path, message, repair: .removeTwin(name: name, from: earlier, keptIn: later))
    }

    fileprivate static func twoRequests(_ key: Key, _ earlier: State, _ later: State) -> CheckFinding {
        CheckFinding(
            .error, "two_requests", "\(earlier.rawValue)/\(key.fileName)",
            "Another request with the key \(key) stands in \(later.rawValue)/: a key has one request, so one of the two"
                + " was moved or restored over the other.",
            advice: "Compare the two, and move the one that does not count out of the spool, with its sidecars.")
    }
}
