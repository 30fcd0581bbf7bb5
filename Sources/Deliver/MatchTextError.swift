/// What is wrong with conditions that were given as text.
public struct MatchTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whole sentences: where, what, and what to do.
    public let description: String

    init(description: String) {
        self.description = description
    }

    init(_ problem: FieldProblem) {
        let end = problem.fix.hasSuffix("?") ? "" : "."
        self.init(description: "\(problem.field.map { "`\($0)` " } ?? "")\(problem.problem); \(problem.fix)\(end)")
    }
}
