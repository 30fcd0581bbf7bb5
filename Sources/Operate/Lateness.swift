internal import Files
public import Spool
internal import Times

/// Says why a request has not come to its end in time.
public struct Lateness: Sendable {
    private let spool: Spool

    public init(_ spool: Spool) {
        self.spool = spool
    }

    /// Whole sentences: what was waited for, where the request stands, and a likely reason.
    ///
    /// - Throws: `OperateError` when the spool can't be read.
    public func sentence(_ key: Key, _ goal: Waiter.Goal, _ timeout: Duration) throws(OperateError) -> String {
        let beginning = "\(key) was not \(goal.rawValue) within \(timeout.text)"
        guard let report = try KeyInspector(spool).inspect(key, now: .now) else {
            return "\(beginning): it has gone from the spool."
        }
        switch report.place {
        case .removed(let state):
            let deed = state == .processing ? "was cancelled" : "has gone"
            return "\(beginning): it \(deed), since its request was removed from \(state.rawValue)/. Free its"
                + " key with: rm \(state.rawValue)/\(key.fileName)*"
        case .conflictsOnly:
            return "\(beginning): it was set apart, since it conflicted with another request of the key."
        case .state, .archive: break
        }
        let place = "\(beginning): it stands in \(report.place.name)/."
        guard report.holder != nil else { return "\(place) \(SpoolAccess.unserved(spool))" }
        switch report.place {
        case .state(.incoming) where report.isIncomplete: return "\(place) It is empty or cut off."
        case .state(.incoming): return "\(place) The daemon has not got to it yet."
        default: return "\(place) Next: \(report.next.sentence)"
        }
    }
}
