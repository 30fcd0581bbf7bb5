public import JSON

/// A condition on an event's body, `{"type": …, "timestamp": …, "data": …}`: a subscription with one hears only of the events
/// that meet it.
///
/// The form is the one that Hookdeck and Outpost use, with these meanings:
///
///     "EUR", 5, true, null     the value is that; a list has an element that is that
///     ["a", "b"]               a list that has all of them, each in some element
///     {"name": …, …}           each member meets its condition; of a list, all of them in one element
///     $eq $neq                 deep equality, or not
///     $gt $gte $lt $lte        numbers exactly, as decimals; texts byte by byte, so moments in ISO 8601 by time
///     $in $nin                 the value, or an element of the list that it is, is one of a list; with a text instead of a list:
///                              the value contains it
///     $startsWith $endsWith    a text begins or ends with a text, or with one of a list
///     $exist                   the member is there, be it `null`, or is not
///     $or $and $not            of conditions of any form
///
/// Everything that stands in one object holds together. Nothing is converted: `"5"` is not 5. What is missing, or of another
/// kind, meets no condition but `$exist: false` and the negations: `$not` is the exact negation of what it holds, `$neq` of `$eq`,
/// `$nin` of `$in`. A member of something that is no object is missing.
public struct Match: Sendable {
    /// The conditions as they were written, in the canonical form: equal filters have equal bytes.
    public let json: [UInt8]
    let condition: MatchCondition

    /// Conditions nested deeper than this are refused; an event may be nested deeper.
    static let maximumDepth = 32

    /// Reads the value of the field `match`. Throws with the place inside, what is wrong there, and the fix.
    static func read(_ value: JSONValue) throws(FieldProblem) -> Match {
        guard let object = value.object else {
            throw FieldProblem(
                "match", "is \(value.kindName), not an object", "write {\"data\": {\"currency\": \"EUR\"}}")
        }
        let condition =
            object.members.isEmpty ? MatchCondition.all([]) : try MatchReader.condition(value, "match", isEvent: true)
        return Match(json: value.canonical(), condition: condition)
    }

    /// Whether an event with this body is heard of.
    public func matches(_ body: JSONValue) -> Bool {
        condition.holds(for: body)
    }

    /// The first condition that a body does not meet, and in what way; `nil` if it meets all.
    public func failure(of body: JSONValue) -> MatchFailure? {
        condition.failure(for: body)
    }
}

extension Match: Equatable {
    public static func == (a: Match, b: Match) -> Bool { a.json == b.json }
}
