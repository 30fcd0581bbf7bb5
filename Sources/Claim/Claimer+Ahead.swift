internal import Files
internal import Spool

/// A drop that is read before it is its turn to be claimed.
extension Claimer {
    /// Larger ones are read when they are claimed: those that are read ahead stand in memory together.
    static let mostReadAhead = 16 << 10

    /// Reads a drop, and changes nothing: for another thread than the one that claims, while that one is busy.
    ///
    /// `nil` if it is to be looked at when it is claimed: if it can't be read, if somebody is or may be writing it, or if its
    /// key stands in its content. What is returned holds a lease, which tells in the claim whether a program has wanted to
    /// write the file since; and whether it still was this file that was claimed is looked at there in any case.
    public func readAhead(_ drop: Drop, evidence: Evidence) -> ClaimedRequest? {
        switch evidence {
        case .settled, .seen: break
        case .quiet, .changed: return nil
        }
        guard drop.place == .incoming, !drop.isUnkeyed, !drop.key.isEntry,
            let seen = try? spool.incoming.status(drop.name), seen.kind == .regular, seen.size <= Claimer.mostReadAhead,
            case .readable(let content, let status, let lease?)? = try? open(drop, seen, evidence: evidence)
        else { return nil }
        return ClaimedRequest(
            key: drop.key, content: content, status: status, maximumBytes: maximumBytes, lease: lease)
    }
}
