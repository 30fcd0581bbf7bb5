import JSON
import Times

/// What is wrong with one field, before it is known in which file.
struct FieldProblem: Error {
    let field: String?
    let problem: String
    let fix: String

    init(_ field: String?, _ problem: String, _ fix: String) {
        self.field = field
        self.problem = problem
        self.fix = fix
    }

    /// A field nobody knows; suggests the one it resembles.
    static func unknown(_ field: String, name: String, known: [String]) -> FieldProblem {
        let fix =
            NearestName.find(name, in: known).map { "did you mean `\($0)`? Otherwise remove it" }
            ?? "remove it, or use one of " + known.joined(separator: ", ")
        return FieldProblem(field, "is not a known field", fix)
    }

    func error(in subscription: String) -> SubscriptionError {
        SubscriptionError(subscription: subscription, field: field, problem: problem, fix: fix)
    }
}

/// Typed reading: each says what it found instead of what it wants.
extension JSONValue {
    func text(_ field: String, like example: String) throws(FieldProblem) -> String {
        guard let text = string else {
            throw FieldProblem(field, "is \(kindName), not text", "write it in quotes, like \"\(example)\"")
        }
        return text
    }

    func duration(_ field: String, in bounds: ClosedRange<Duration>) throws(FieldProblem) -> Duration {
        let like = "write a whole number and a unit in quotes: \"200ms\", \"5s\", \"30m\", \"2h\" or \"1d\""
        guard let text = string else { throw FieldProblem(field, "is \(kindName), not a duration", like) }
        guard let span = Duration(text: text) else { throw FieldProblem(field, "is not a duration", like) }
        guard bounds.contains(span) else {
            throw FieldProblem(
                field, "is out of range", "use a duration from \(bounds.lowerBound.text) to \(bounds.upperBound.text)")
        }
        return span
    }

    func integer(_ field: String, in bounds: ClosedRange<Int>) throws(FieldProblem) -> Int {
        let fix = "use a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        guard case .number = self else { throw FieldProblem(field, "is \(kindName), not a number", fix) }
        guard let value = int64 else { throw FieldProblem(field, "is not a whole number that fits", fix) }
        guard let number = Int(exactly: value), bounds.contains(number) else {
            throw FieldProblem(field, "is out of range", fix)
        }
        return number
    }

    func number(_ field: String, in bounds: ClosedRange<Double>) throws(FieldProblem) -> Double {
        let fix = "use a number from \(bounds.lowerBound.short) to \(bounds.upperBound.short)"
        guard case .number(let number) = self else { throw FieldProblem(field, "is \(kindName), not a number", fix) }
        guard let value = number.double, bounds.contains(value) else {
            throw FieldProblem(field, "is out of range", fix)
        }
        return value
    }
}

extension Double {
    /// Without the `.0` of a whole number.
    fileprivate var short: String { Int(exactly: self).map(String.init) ?? String(self) }
}
