/// Why an event is not heard of: a condition, and how the event differs. It tells of the filter, and nothing of the event but
/// what kind of value stands where.
public struct MatchFailure: Sendable, Equatable, CustomStringConvertible {
    /// The condition's place in the subscription file: `match.data.amount_cents.$gt`.
    public let condition: String
    /// To follow the name of the condition: `the event's value is not greater than 100000`.
    public let reason: String

    public var description: String { "`\(condition)` is not met: \(reason)" }
}
