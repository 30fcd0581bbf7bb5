internal import Deliver
internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// A drop that bears the name of an event's entry: one that a person moved back, or nothing that may be taken.
extension Claimer {
    /// Takes an entry back to processing/.
    ///
    /// Only Billhook makes entries. One is known by its owner, this user or root, and by a sidecar of its own, which each
    /// has from the beginning; everything else of such a name is refused.
    func takeEntry(
        _ drop: Drop, _ found: ClaimedRequest, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> ClaimOutcome {
        if let standing = try spool.stateOfRequest(drop.key) {
            if try isSame(drop, found, as: standing) {
                return try resolve(drop, found, against: standing, now: now, commit: &commit)
            }
            return try turnAway(drop)
        }
        var traces = try Traces(ofEntry: drop.key, in: spool)
        try traces.distrust { sidecar throws(Errno) in try isOurs(sidecar.fileName(drop.key)) }
        guard !traces.isEmpty, found.status.owner == 0 || found.status.owner == spool.owner else {
            return try turnAway(drop)
        }
        let round = try markEntry(drop.key, traces, now: now, durability: commit.durability)
        if let place = traces[.attempts], place != .processing,
            try !spool.bring(.attempts, drop.key, from: place, to: .processing, now: now)
        {
            return try claimAgain(drop, now: now, commit: &commit)
        }
        if let place = traces[.error] { try spool.directory(place).remove(Sidecar.error.fileName(drop.key)) }
        return try enter(drop, found, round: round, now: now, commit: &commit)
    }

    /// Makes the `round` mark durable where `.attempts` stands, before that is brought along: as what an entry comes back
    /// is known by where its sidecars are.
    private func markEntry(
        _ key: Key, _ traces: Traces, now: Timestamp, durability: Durability
    ) throws(Errno) -> AttemptLine.Round {
        let place = traces[.attempts] ?? .processing
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: place) ?? [])
        let isReplay = place == .done || place == .incoming && log.earliestPending == nil
        let round: AttemptLine.Round = traces[.error] != nil ? .retry : isReplay ? .replay : .resume
        if log.isMarked(as: round) { return round }
        let directory = spool.directory(place)
        let file = try File.appending(Sidecar.attempts.fileName(key), in: directory)
        let line = AttemptLine.round(kind: round, at: now).encoded()
        try file.write(log.needsNewline ? [UInt8(ascii: "\n")] + line : line)
        if durability == .full {
            try file.sync()
            try directory.sync()
        }
        return round
    }

    private func isSame(_ drop: Drop, _ found: ClaimedRequest, as standing: State) throws(Errno) -> Bool {
        let directory = spool.directory(standing)
        if try directory.status(drop.key.fileName)?.identity == found.status.identity { return true }
        return try content(of: drop.key.fileName, in: directory) == found.content
    }

    /// What stands aside goes back first: things are refused from incoming/ only.
    private func turnAway(_ drop: Drop) throws(Errno) -> ClaimOutcome {
        guard drop.place == .aside else {
            return .refused(because: "only Billhook makes files of this name, and it knows nothing of this one")
        }
        _ = try spool.aside.move(drop.name, to: spool.incoming, as: drop.key.fileName)
        return .vanished
    }
}
