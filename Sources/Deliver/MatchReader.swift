import JSON

/// Reads the conditions of a filter. Nothing in it is passed over: a condition that never holds, or always, keeps invoices from
/// people, or sends them too many, and nobody is told.
enum MatchReader {
    private static let operators = [
        "$eq", "$neq", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$startsWith", "$endsWith", "$exist", "$or", "$and",
        "$not",
    ]
    /// The members of an event's body.
    private static let eventFields = ["type", "timestamp", "data"]

    /// - Parameters:
    ///   - place: for messages, such as `match.data.currency`.
    ///   - isEvent: the value to be judged is the body itself, whose members are known.
    static func condition(
        _ value: JSONValue, _ place: String, isEvent: Bool = false, depth: Int = 0
    ) throws(FieldProblem) -> MatchCondition {
        guard depth < Match.maximumDepth else {
            throw FieldProblem(
                "match", "has conditions nested deeper than \(Match.maximumDepth)", "write it with fewer levels")
        }
        switch value {
        case .object(let object): return try members(object, place, isEvent: isEvent, depth: depth)
        case .null, .bool, .number, .string, .array:
            if isEvent {
                throw FieldProblem(
                    place, "is \(value.kindName), and an event is an object",
                    "write {\"data\": {\"currency\": \"EUR\"}}")
            }
        }
        guard let list = value.array else { return .literal(value, place: place) }
        guard !list.isEmpty else {
            throw FieldProblem(place, "is an empty list, which says nothing", "for an empty list write {\"$eq\": []}")
        }
        return .elements(try conditions(list, place, isEvent: false, depth: depth), place: place)
    }

    private static func members(
        _ object: JSONObject, _ place: String, isEvent: Bool, depth: Int
    ) throws(FieldProblem) -> MatchCondition {
        guard !object.members.isEmpty else {
            throw FieldProblem(
                place, "is an empty object, which says nothing", "remove it, or ask with {\"$exist\": true}")
        }
        var parts: [MatchCondition] = []
        var named: [(name: String, condition: MatchCondition)] = []
        for member in object.members {
            let inner = "\(place).\(ASCII.quotable(member.name))"
            if member.name.hasPrefix("$") {
                parts.append(try operation(member.name, member.value, inner, isEvent: isEvent, depth: depth))
            } else {
                if isEvent { try checkEventField(member.name, inner) }
                named.append((member.name, try condition(member.value, inner, depth: depth + 1)))
            }
        }
        if !named.isEmpty { parts.append(.members(named, place: place)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private static func checkEventField(_ name: String, _ place: String) throws(FieldProblem) {
        guard !eventFields.contains(name) else { return }
        let fix =
            NearestName.find(name, in: eventFields).map { "did you mean `\($0)`?" }
            ?? "put the invoice's fields under `data`: {\"data\": {\"\(ASCII.quotable(name))\": …}}"
        throw FieldProblem(place, "is no member of an event, which has type, timestamp and data", fix)
    }

    private static func operation(
        _ name: String, _ value: JSONValue, _ place: String, isEvent: Bool, depth: Int
    ) throws(FieldProblem) -> MatchCondition {
        switch name {
        case "$or":
            let list = try list(value, place)
            return .any(try conditions(list, place, isEvent: isEvent, depth: depth), place: place)
        case "$and":
            return .all(try conditions(try list(value, place), place, isEvent: isEvent, depth: depth))
        case "$not": return .not(try condition(value, place, isEvent: isEvent, depth: depth + 1), place: place)
        case "$neq": return .not(.test(.equal(value), place: place), place: place)
        case "$nin": return .not(.test(try membership(value, place), place: place), place: place)
        default: return .test(try test(name, value, place), place: place)
        }
    }

    private static func test(
        _ name: String, _ value: JSONValue, _ place: String
    ) throws(FieldProblem) -> MatchTest {
        switch name {
        case "$eq": return .equal(value)
        case "$gt": return try order(.greater, value, place)
        case "$gte": return try order(.greaterOrEqual, value, place)
        case "$lt": return try order(.less, value, place)
        case "$lte": return try order(.lessOrEqual, value, place)
        case "$in": return try membership(value, place)
        case "$startsWith": return .startsWith(try texts(value, place))
        case "$endsWith": return .endsWith(try texts(value, place))
        case "$exist":
            guard let wanted = value.bool else {
                throw FieldProblem(place, "is \(value.kindName), not true or false", "write true or false")
            }
            return .exists(wanted)
        default:
            let near = NearestName.find(name, in: operators).map { "did you mean `\($0)`?" }
            throw FieldProblem(
                place, "is not a known operator", near ?? "use one of " + operators.joined(separator: ", "))
        }
    }

    private static func order(
        _ order: MatchTest.Order, _ value: JSONValue, _ place: String
    ) throws(FieldProblem) -> MatchTest {
        if let number = value.number { return .number(order, number) }
        if let text = value.string { return .text(order, text) }
        throw FieldProblem(
            place, "is \(value.kindName), not a number or text", "compare with a number, or with a text in quotes")
    }

    private static func membership(_ value: JSONValue, _ place: String) throws(FieldProblem) -> MatchTest {
        switch value {
        case .array: return .oneOf(try list(value, place))
        case .string, .number: return .contains(value)
        case .null, .bool, .object:
            throw FieldProblem(
                place, "is \(value.kindName), not a list", "write the values in brackets: [\"a\", \"b\"]")
        }
    }

    private static func texts(_ value: JSONValue, _ place: String) throws(FieldProblem) -> [String] {
        guard value.array != nil else { return [try value.text(place, like: "acme-")] }
        var texts: [String] = []
        for (index, item) in try list(value, place).enumerated() {
            texts.append(try item.text("\(place)[\(index)]", like: "acme-"))
        }
        return texts
    }

    private static func list(_ value: JSONValue, _ place: String) throws(FieldProblem) -> [JSONValue] {
        guard let list = value.array else {
            throw FieldProblem(place, "is \(value.kindName), not a list", "write it in brackets: [ … ]")
        }
        guard !list.isEmpty else { throw FieldProblem(place, "is an empty list", "put something into it") }
        return list
    }

    private static func conditions(
        _ list: [JSONValue], _ place: String, isEvent: Bool, depth: Int
    ) throws(FieldProblem) -> [MatchCondition] {
        var conditions: [MatchCondition] = []
        for (index, item) in list.enumerated() {
            conditions.append(try condition(item, "\(place)[\(index)]", isEvent: isEvent, depth: depth + 1))
        }
        return conditions
    }
}
