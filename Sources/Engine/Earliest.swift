import Times

/// The first of some moments, found without a list of them: it is asked for in every turn.
struct Earliest {
    private(set) var moment: Timestamp?

    mutating func consider(_ other: Timestamp?) {
        guard let other else { return }
        moment = moment.map { min($0, other) } ?? other
    }
}
