import JSON

/// One node of a filter. A value that is `nil` is missing.
indirect enum MatchCondition: Sendable {
    /// Each holds for the value.
    case all([MatchCondition])
    /// One holds for the value, at least.
    case any([MatchCondition], place: String)
    case not(MatchCondition, place: String)
    /// Each member meets its condition; of a list, those of one element do.
    case members([(name: String, condition: MatchCondition)], place: String)
    /// The value is a list in which each condition holds for some element.
    case elements([MatchCondition], place: String)
    /// The value is this, or a list with an element that is; neither a list nor an object itself.
    case literal(JSONValue, place: String)
    case test(MatchTest, place: String)

    func holds(for value: JSONValue?) -> Bool {
        switch self {
        case .all(let conditions): conditions.allSatisfy { $0.holds(for: value) }
        case .any(let conditions, _): conditions.contains { $0.holds(for: value) }
        case .not(let condition, _): !condition.holds(for: value)
        case .test(let test, _): test.holds(for: value)
        case .literal(let literal, _): MatchCondition.value(value, is: literal)
        case .members(let members, _):
            if case .array(let elements) = value {
                elements.contains { holds(for: $0) }
            } else {
                members.allSatisfy { $0.condition.holds(for: value?.object?[$0.name]) }
            }
        case .elements(let conditions, _):
            if case .array(let elements) = value {
                conditions.allSatisfy { condition in elements.contains { condition.holds(for: $0) } }
            } else {
                false
            }
        }
    }

    private static func value(_ value: JSONValue?, is literal: JSONValue) -> Bool {
        switch value {
        case nil: false
        case .array(let elements): elements.contains { MatchCondition.value($0, is: literal) }
        case let value?: value.isEqual(to: literal)
        }
    }

    /// The first condition that does not hold; `nil` exactly if all hold.
    func failure(for value: JSONValue?) -> MatchFailure? {
        guard !holds(for: value) else { return nil }
        switch self {
        case .all(let conditions): return conditions.lazy.compactMap { $0.failure(for: value) }.first
        case .any(_, let place): return MatchFailure(condition: place, reason: "none of its conditions holds")
        case .not(.test(_, let inner), let place) where inner == place:
            return MatchFailure(condition: place, reason: "the event's value is what it rules out")
        case .not(_, let place): return MatchFailure(condition: place, reason: "the condition in it holds")
        case .test(let test, let place): return MatchFailure(condition: place, reason: test.reason(for: value))
        case .literal(let literal, let place):
            return MatchFailure(condition: place, reason: MatchTest.equal(literal).reason(for: value))
        case .members(let members, let place):
            if value?.array != nil { return MatchFailure(condition: place, reason: "no element of the list meets it") }
            return members.lazy.compactMap { $0.condition.failure(for: value?.object?[$0.name]) }.first
        case .elements(let conditions, let place):
            let found = value?.array.map { elements in
                conditions.firstIndex { condition in !elements.contains { condition.holds(for: $0) } }
            }
            guard let index = found ?? nil else {
                return MatchFailure(
                    condition: place, reason: value.map { "the event has \($0.kindName) there" } ?? MatchTest.missing)
            }
            return MatchFailure(condition: "\(place)[\(index)]", reason: "no element of the list meets it")
        }
    }
}
