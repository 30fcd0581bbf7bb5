internal import Files
internal import Hashing
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// Looks at the sidecars of a spool: whether each stands where its request is, and says what it should.
struct CheckSidecars: Sendable {
    let spool: Spool

    func findings(_ sidecar: Sidecar, _ key: Key, in state: State) throws(Errno) -> [CheckFinding] {
        let name = sidecar.fileName(key).text
        guard let status = try spool.directory(state).status(name) else { return [] }
        guard status.kind == .regular else { return [.notRegular("\(state.rawValue)/\(name)")] }
        var requests: [State] = []
        for state in State.allCases where try spool.directory(state).contains(key.fileName) { requests.append(state) }
        let placement = CheckPlacement.of(sidecarIn: state, requests: requests)
        if sidecar == .invoice, state == .processing, placement.isOutOfPlace, try spool.hasUnwrittenInvoice(key) {
            return [.unwrittenInvoice(of: key)]
        }
        switch placement {
        case .beside:
            if sidecar == .error, state == .done || state == .processing { return [.misplacedError(key, state)] }
            return try contentFindings(sidecar, key, in: state, isBeside: true)
        case .waiting:
            let doubled = try doubled(sidecar, key, in: state, status)
            return try doubled + contentFindings(sidecar, key, in: state, isBeside: false)
        case .stray(let place):
            return [try stray(sidecar, key, in: state, status, request: place)]
        case .ambiguous(let places):
            let list = places.map { "\($0.rawValue)/" }.joined(separator: " and ")
            return [
                CheckFinding(
                    .error, "orphan", "\(state.rawValue)/\(name)",
                    "Its request does not stand here, but requests with the key \(key) stand in \(list).",
                    advice: "Leave one of the requests in the spool, then check again.")
            ]
        case .gone:
            return [try gone(sidecar, key, in: state)]
        }
    }

    // MARK: Out of place

    private func stray(
        _ sidecar: Sidecar, _ key: Key, in state: State, _ status: FileStatus, request place: State
    ) throws(Errno) -> CheckFinding {
        let name = sidecar.fileName(key).text
        let standing = try spool.directory(place).status(name)
        if standing?.identity == status.identity {
            return CheckFinding(
                .error, "twin", "\(state.rawValue)/\(name)",
                "This file stands in \(place.rawValue)/ as well, beside its request, under a second name of the same"
                    + " file: a crash interrupted its move.",
                repair: .removeTwin(name: name, from: state, keptIn: place))
        }
        let belongs = standing == nil ? try belongs(sidecar, key, in: state, status, to: place) : false
        let reason =
            standing != nil
            ? "which has another .\(sidecar.rawValue) beside it"
            : belongs ? "and lacks it" : "and this does not fit there"
        return CheckFinding(
            place == .processing ? .warning : .error, "orphan", "\(state.rawValue)/\(name)",
            "Its request does not stand here but in \(place.rawValue)/, \(reason).",
            repair: belongs
                ? .join(sidecar, key, from: state, to: place) : .archive(name: name, from: state))
    }

    /// Whether a sidecar may be moved to the request of its key: one that anybody may have put into incoming/, or that
    /// was made for other content, may not.
    private func belongs(
        _ sidecar: Sidecar, _ key: Key, in state: State, _ status: FileStatus, to place: State
    ) throws(Errno) -> Bool {
        if state == .incoming, status.owner != 0, status.owner != spool.owner { return false }
        switch sidecar {
        case .attempts: return true
        case .error: return place == .dead
        case .invoice:
            guard let content = try spool.read(.invoice, key, in: state), let record = try? InvoiceRecord.read(content)
            else { return false }
            let hash = try hash(of: key, in: place)
            return record.key == key.name && hash == record.requestSHA256
        }
    }

    private func gone(_ sidecar: Sidecar, _ key: Key, in state: State) throws(Errno) -> CheckFinding {
        let name = sidecar.fileName(key).text
        let path = "\(state.rawValue)/\(name)"
        if state == .done, let (day, mark) = try archivedRequest(key) {
            return CheckFinding(
                .warning, "orphan", path,
                "Its request stands in archive/\(day)/: a crash interrupted the move of the two. A daemon finishes it.",
                repair: .followToArchive(key, day: day, mark: mark))
        }
        let effect =
            sidecar == .invoice && state != .incoming
            ? " As long as it stands, the key \(key) is taken; without it, a request with that key is a new invoice."
            : ""
        return CheckFinding(
            state == .processing ? .warning : .error, "orphan", path,
            "Its request stands nowhere in the spool: somebody removed it.\(effect)",
            repair: .archive(name: name, from: state))
    }

    private func archivedRequest(_ key: Key) throws(Errno) -> (day: String, mark: String)? {
        guard let content = try spool.read(.invoice, key, in: .done), let record = try? InvoiceRecord.read(content),
            let folder = try? spool.archive.directory(record.processedAt.day)
        else { return nil }
        let mark = ContentHash.short(Array(record.id.utf8))
        for name in [key.fileName.text, "\(key.name).\(mark).json"] where try folder.contains(name) {
            if try !folder.contains("\(name).\(Sidecar.invoice.rawValue)") { return (record.processedAt.day, mark) }
        }
        return nil
    }

    /// While the request is parked or dropped again, each of its sidecars may stand in one place.
    private func doubled(
        _ sidecar: Sidecar, _ key: Key, in state: State, _ status: FileStatus
    ) throws(Errno) -> [CheckFinding] {
        let name = sidecar.fileName(key).text
        for other in Spool.sidecarStates.prefix(while: { $0 != state }) {
            guard let found = try spool.directory(other).status(name) else { continue }
            let path = "\(state.rawValue)/\(name)"
            if found.identity == status.identity {
                return [
                    CheckFinding(
                        .error, "twin", path,
                        "This file stands in \(other.rawValue)/ as well, under a second name of the same file.",
                        repair: .removeTwin(name: name, from: state, keptIn: other))
                ]
            }
            return [
                CheckFinding(
                    .error, "two_sidecars", path,
                    "Another .\(sidecar.rawValue) of the key \(key) stands in \(other.rawValue)/, and that one is taken when"
                        + " the request is.",
                    advice: "Compare the two, and move the one that does not count out of the spool.")
            ]
        }
        return []
    }

    // MARK: Content

    private func contentFindings(
        _ sidecar: Sidecar, _ key: Key, in state: State, isBeside: Bool
    ) throws(Errno) -> [CheckFinding] {
        guard let content = try spool.read(sidecar, key, in: state) else { return [] }
        switch sidecar {
        case .attempts: return CheckAttempts(content).findings(sidecar.fileName(key).text, in: state)
        case .invoice: return try invoice(content, key, in: state, isBeside: isBeside).map { [$0] } ?? []
        case .error:
            guard ErrorReport(content) == nil else { return [] }
            return [
                CheckFinding(
                    .warning, "bad_error", "\(state.rawValue)/\(sidecar.fileName(key))",
                    "It is not what Billhook writes there, so nothing tells why the request is dead.",
                    advice: "Look at the request, then move it to incoming/ or take it out of the spool.")
            ]
        }
    }

    private func invoice(
        _ content: [UInt8], _ key: Key, in state: State, isBeside: Bool
    ) throws(Errno) -> CheckFinding? {
        let path = "\(state.rawValue)/\(Sidecar.invoice.fileName(key))"
        let record: InvoiceRecord
        do throws(InvoiceRecordError) {
            record = try InvoiceRecord.read(content)
        } catch {
            if state == .processing {
                return CheckFinding(
                    .warning, "bad_invoice", path, "It is not whole. \(error.problem)",
                    advice: "Nothing has been sent of it yet; Billhook writes it again when it takes the request up.")
            }
            return CheckFinding(
                .error, "bad_invoice", path, "It can't be believed. \(error.problem)",
                advice:
                    "Restore it from a backup; or move it out of the spool and the request to incoming/, which makes"
                    + " a new invoice.")
        }
        guard record.key == key.name else {
            return CheckFinding(
                .error, "bad_invoice", path, "It was made for another key: its field `key` is not \(key).",
                advice: "Move it out of the spool, and restore the right one.")
        }
        guard isBeside, let hash = try hash(of: key, in: state), hash != record.requestSHA256 else { return nil }
        return .changedRequest(path, state)
    }

    /// The SHA-256 of a request; `nil` for one that has gone, is no file, or is too large to be read.
    private func hash(of key: Key, in state: State) throws(Errno) -> String? {
        let limit = 64 << 20
        guard let status = try spool.directory(state).status(key.fileName), status.kind == .regular,
            status.size <= limit, let content = try spool.directory(state).read(key.fileName, upTo: limit)
        else { return nil }
        return ContentHash.hex(ContentHash.sha256(content))
    }
}

extension CheckFinding {
    fileprivate static func unwrittenInvoice(of key: Key) -> CheckFinding {
        let name = Sidecar.invoice.fileName(key).text
        return CheckFinding(
            .warning, "orphan", "\(State.processing.rawValue)/\(name)",
            "It is empty, and its request does not stand here: it was made for a claim that was cut off by a kill or a power"
                + " cut. It takes no key.",
            repair: .archive(name: name, from: .processing))
    }

    fileprivate static func misplacedError(_ key: Key, _ state: State) -> CheckFinding {
        let name = Sidecar.error.fileName(key).text
        return CheckFinding(
            .error, "misplaced_error", "\(state.rawValue)/\(name)",
            "An .error tells why a request is in dead/, and this one stands in \(state.rawValue)/; it would make a retry of"
                + " what is a replay or goes on by itself.",
            repair: .archive(name: name, from: state))
    }

    /// A request in dead/ or hold/ may be edited; only once it comes back that counts as a conflict.
    fileprivate static func changedRequest(_ path: String, _ state: State) -> CheckFinding {
        let message = "The request beside it is not the one it was made from: its field `request_sha256` does not fit."
        if state == .dead || state == .hold {
            return CheckFinding(
                .warning, "changed_request", path, message,
                advice: "Undo the edit before the request is moved to incoming/; or give the edited file a new key.")
        }
        return CheckFinding(
            .error, "changed_request", path, message,
            advice: "Restore the request's bytes; if they are what is meant, submit them under a new key.")
    }
}
