internal import Deliver
internal import Files
internal import Hashing
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// Where the sidecars of a key stand whose request does not: what a request that comes back is known by.
struct Traces {
    private var places: [Sidecar: State] = [:]

    var isEmpty: Bool { places.isEmpty }

    subscript(sidecar: Sidecar) -> State? { places[sidecar] }

    /// Looks for the `.invoice` everywhere, for the `.error` in dead/, and for the rest only if one of them stands; a fresh
    /// drop, the common case, is known before (`isUnknown`).
    init(of key: Key, in spool: Spool) throws(Errno) {
        places[.invoice] = try spool.state(of: .invoice, key)
        places[.error] = try spool.state(of: .error, key, in: [.dead])
        if places.isEmpty { places[.attempts] = try spool.state(of: .attempts, key, in: [.processing]) }
        guard !places.isEmpty else { return }
        places[.attempts] = try spool.state(of: .attempts, key)
        if places[.error] == nil { places[.error] = try spool.state(of: .error, key) }
    }

    /// Looks for an entry's sidecars everywhere: entries come back only, so there is no common case to be quick in.
    init(ofEntry key: Key, in spool: Spool) throws(Errno) {
        for sidecar in [Sidecar.attempts, .error] { places[sidecar] = try spool.state(of: sidecar, key) }
    }

    /// Forgets what stands in incoming/ and is not to be believed.
    mutating func distrust(_ isTrusted: (Sidecar) throws(Errno) -> Bool) throws(Errno) {
        for (sidecar, state) in places where state == .incoming {
            if try !isTrusted(sidecar) { places[sidecar] = nil }
        }
    }
}

/// A drop that is a known request coming back.
extension Claimer {
    func takeBack(
        _ drop: Drop, _ found: ClaimedRequest, _ standing: Traces, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let key = drop.key
        var traces = standing
        try traces.distrust { sidecar throws(Errno) in try isOurs(sidecar.fileName(key)) }
        if let place = traces[.invoice] {
            switch try fit(of: found, to: key, in: place) {
            case .fits: break
            case .ofAnotherKey where place == .incoming: traces = Traces()
            case .ofOtherContent where spool.keySource == .derived(.content) && !drop.bearsOwnName:
                // The same value in other bytes, and what was processed is on its way from one directory to another.
                try directory(of: drop).remove(drop.name)
                return .duplicate(of: place)
            case .ofAnotherKey, .ofOtherContent:
                return drop.bearsOwnName
                    ? try returnToDead(drop, traces, now: now, commit: &commit)
                    : try setApart(drop, found, place, now: now, commit: &commit)
            }
        }
        guard !traces.isEmpty else {
            return try enter(drop, found, round: nil, now: now, commit: &commit)
        }
        guard try bring(.attempts, key, traces, now: now) else {
            return try claimAgain(drop, now: now, commit: &commit)
        }
        let round = try mark(key, traces, now: now, durability: commit.durability)
        // The `.error` goes last: by it the same is known for a retry once more if somebody takes the `.invoice` away.
        guard try bring(.invoice, key, traces, now: now) else {
            return try claimAgain(drop, now: now, commit: &commit)
        }
        if let place = traces[.error] { try spool.directory(place).remove(Sidecar.error.fileName(key)) }
        return try enter(drop, found, round: round, now: now, commit: &commit)
    }

    private enum Fit {
        case fits, ofOtherContent, ofAnotherKey
    }

    /// Whether a request is the one that was processed; one whose `.invoice` can't be believed may be.
    private func fit(of found: ClaimedRequest, to key: Key, in place: State) throws(Errno) -> Fit {
        guard let content = try spool.read(.invoice, key, in: place), let invoice = try? InvoiceRecord.read(content)
        else { return .fits }
        guard invoice.key == key.name else { return .ofAnotherKey }
        return invoice.requestSHA256 == ContentHash.hex(ContentHash.sha256(found.content)) ? .fits : .ofOtherContent
    }

    /// Returns `false` if the sidecar has left its place: somebody is moving the files one by one
    /// (`mv dead/KEY.json* incoming/`).
    private func bring(_ sidecar: Sidecar, _ key: Key, _ traces: Traces, now: Timestamp) throws(Errno) -> Bool {
        guard let place = traces[sidecar] else { return true }
        if place == .processing {
            try spool.removeOtherNames(of: sidecar, key, in: place)
            return true
        }
        return try spool.bring(sidecar, key, from: place, to: .processing, now: now)
    }

    /// Makes the `round` mark durable that allows what comes after, unless a crash left one that nothing followed.
    ///
    /// `.error` and `.invoice` still stand where they were, since what comes back is known by them.
    private func mark(
        _ key: Key, _ traces: Traces, now: Timestamp, durability: Durability
    ) throws(Errno) -> AttemptLine.Round {
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: .processing) ?? [])
        let round = Claimer.round(traces, log)
        if log.isMarked(as: round) { return round }
        let file = try File.appending(Sidecar.attempts.fileName(key), in: spool.processing)
        let line = AttemptLine.round(kind: round, at: now).encoded()
        try file.write(log.needsNewline ? [UInt8(ascii: "\n")] + line : line)
        if durability == .full {
            try file.sync()
            try spool.processing.sync()
        }
        return round
    }

    /// As what a request comes back. Beside an `.invoice` in done/, an `.error` elsewhere is left over: nothing of the
    /// request was given up. One whose sidecars came along is known by what they say.
    private static func round(_ traces: Traces, _ log: DeliveryLog) -> AttemptLine.Round {
        if traces[.invoice] == .done { return .replay }
        if traces[.error] != nil { return .retry }
        return traces[.invoice] == .incoming && log.earliestPending == nil ? .replay : .resume
    }

    /// A processed request that was changed goes back to dead/, where its sidecars join it.
    func returnToDead(
        _ drop: Drop, _ traces: Traces, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        let key = drop.key
        let report = ErrorReport.changedAfterProcessing(key, spool.keySource, at: now)
        let file = try spool.explain(Sidecar.error.fileName(key), report)
        if commit.durability == .full { try file.sync() }
        for sidecar in [Sidecar.attempts, .invoice] {
            if let place = traces[sidecar], place != .dead {
                try spool.bring(sidecar, key, from: place, to: .dead, now: now)
            }
        }
        guard try directory(of: drop).move(drop.name, to: spool.dead, as: key.fileName) else { return .vanished }
        commit.add(.dead)
        return .conflict(fileName: key.fileName.text)
    }

    /// Whether a sidecar in incoming/ was put there by this user or root: a producer must not forge a result.
    func isOurs(_ name: some FileNaming) throws(Errno) -> Bool {
        guard let status = try spool.incoming.status(name), status.kind == .regular else { return false }
        return status.owner == 0 || status.owner == spool.owner
    }
}

extension Traces {
    init() {}
}

extension DeliveryLog {
    /// Whether the last line is a mark that already allows what this round is to allow: after a release from hold/ that
    /// found nothing left to do, a replay still needs a mark of its own.
    func isMarked(as round: AttemptLine.Round) -> Bool {
        guard lastLineIsRoundMark else { return false }
        return switch round {
        case .resume: true
        case .retry: deliveries.allSatisfy { $0.state == .delivered || $0.notBefore != nil }
        case .replay: deliveries.allSatisfy { $0.notBefore != nil }
        }
    }
}
