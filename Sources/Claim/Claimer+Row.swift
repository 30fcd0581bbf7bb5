internal import Files
internal import Spool
public import SystemPackage

/// Drops that are claimed one after the other.
///
/// Each needs to know that no request of its key stands in hold/ or dead/, which takes two of its 23 system calls. In a row
/// that is asked when it begins and again when it ends: where nothing has changed in between, it was true all the time.
extension Claimer {
    /// What stood in hold/ and dead/ when the row began. A class, since each claim is handed it.
    public final class Row: Sendable {
        fileprivate let hold: Directory.Listing
        fileprivate let dead: Directory.Listing

        fileprivate init(hold: Directory.Listing, dead: Directory.Listing) {
            self.hold = hold
            self.dead = dead
        }

        /// Whether nothing stood there, which nearly always spares making names.
        var isEmpty: Bool { hold.isEmpty && dead.isEmpty }

        func mayHold(anyOf names: [FileName]) -> Bool {
            names.contains { hold.mayHold($0) || dead.mayHold($0) }
        }
    }

    /// Begins a row; `nil` where each drop has to ask for itself, as one of the two directories has too many names, has
    /// changed just now or does not tell.
    public func beginRow() -> Row? {
        guard let hold = spool.hold.listing(), let dead = spool.dead.listing() else { return nil }
        return Row(hold: hold, dead: dead)
    }

    /// Whether hold/ and dead/ are as they were when the row began.
    public func isTrue(_ row: Row) -> Bool {
        spool.hold.isUnchanged(since: row.hold) && spool.dead.isUnchanged(since: row.dead)
    }

    /// Asks once more for a drop that was claimed in a row which is not true any more: one whose key's request was moved to
    /// hold/ or dead/ meanwhile goes back to incoming/, to be claimed again. To be called before anybody is told of the claim.
    /// Where another drop has taken its name there, it stays claimed.
    ///
    /// Throws what the file system does; the drop then stands in processing/ or incoming/.
    public func recheck(_ outcome: ClaimOutcome, of drop: Drop) throws(Errno) -> ClaimOutcome {
        guard case .claimed(let found, round: nil) = outcome, !drop.key.isEntry, try isParked(drop.key),
            try spool.processing.move(drop.key.fileName, to: spool.incoming, as: drop.name)
        else { return outcome }
        removeInvoice(of: found)
        return .unsettled(FileSnapshot(found.status))
    }
}
