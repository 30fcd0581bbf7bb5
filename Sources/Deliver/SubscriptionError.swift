/// What is wrong with a subscription file, for the person who wrote it.
public struct SubscriptionError: Error, Sendable, Equatable {
    /// The subscription's name: the file's name without `.json`.
    public let subscription: String
    /// The field, with its place inside (`retry.base`, `events[1]`), or `nil` if the file as a whole is at fault.
    public let field: String?
    /// What is wrong, to follow "In FILE, FIELD": `is a number, not text`. Never quotes a value.
    public let problem: String
    /// What to do, an imperative: `remove it`.
    public let fix: String

    /// An error of given parts; none of them may hold a secret or end with a full stop.
    public init(subscription: String, field: String?, problem: String, fix: String) {
        self.subscription = subscription
        self.field = field
        self.problem = problem
        self.fix = fix
    }
}

extension SubscriptionError: CustomStringConvertible {
    /// One sentence: where, what, and what to do.
    public var description: String {
        let subject = field.map { "`\($0)` " } ?? ""
        return
            "In subscriptions/\(ASCII.quotable(subscription)).json, \(subject)\(problem); \(fix)\(fix.hasSuffix("?") ? "" : ".")"
    }
}
