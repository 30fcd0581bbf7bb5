import JSON

/// An operator with what it compares with.
enum MatchTest: Sendable {
    enum Order: String, Sendable {
        case greater, greaterOrEqual, less, lessOrEqual

        func holds<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
            switch self {
            case .greater: a > b
            case .greaterOrEqual: a >= b
            case .less: a < b
            case .lessOrEqual: a <= b
            }
        }
    }

    /// Deep equality.
    case equal(JSONValue)
    case number(Order, JSONNumber)
    case text(Order, String)
    /// The value, or one of its elements, is one of these.
    case oneOf([JSONValue])
    /// The value is a text with this one in it, or a list with this element.
    case contains(JSONValue)
    case startsWith([String])
    case endsWith([String])
    case exists(Bool)

    func holds(for value: JSONValue?) -> Bool {
        guard let value else {
            if case .exists(false) = self { return true }
            return false
        }
        switch (self, value) {
        case (.exists(let wanted), _): return wanted
        case (.equal(let operand), _): return value.isEqual(to: operand)
        case (.number(let order, let bound), .number(let number)): return order.holds(number, bound)
        case (.text(let order, let bound), .string(let text)): return order.holds(text.byteOrdered, bound.byteOrdered)
        case (.oneOf(let operands), .array(let elements)):
            return operands.contains { $0.isEqual(to: value) }
                || elements.contains { element in operands.contains { $0.isEqual(to: element) } }
        case (.oneOf(let operands), _): return operands.contains { $0.isEqual(to: value) }
        case (.contains(let operand), .array(let elements)): return elements.contains { $0.isEqual(to: operand) }
        case (.contains(.string(let part)), .string(let text)): return text.hasBytes(part)
        case (.startsWith(let parts), .string(let text)): return parts.contains { text.utf8.starts(with: $0.utf8) }
        case (.endsWith(let parts), .string(let text)):
            return parts.contains { text.utf8.reversed().starts(with: $0.utf8.reversed()) }
        case (.number, _), (.text, _), (.contains, _), (.startsWith, _), (.endsWith, _): return false
        }
    }

    static let missing = "the event has no such field"

    /// How a value that does not pass differs.
    func reason(for value: JSONValue?) -> String {
        if case .exists(let wanted) = self { return wanted ? MatchTest.missing : "the event has this field" }
        guard let value else { return MatchTest.missing }
        let expected = isOfItsKind(value)
        return expected ? "the event's value \(shortfall)" : "the event has \(value.kindName) there"
    }

    private func isOfItsKind(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.number, .number), (.text, .string), (.startsWith, .string), (.endsWith, .string): true
        case (.contains, .string), (.contains, .array), (.equal, _), (.oneOf, _), (.exists, _): true
        case (.number, _), (.text, _), (.startsWith, _), (.endsWith, _), (.contains, _): false
        }
    }

    private var shortfall: String {
        switch self {
        case .equal(let operand): "is not \(operand.shown)"
        case .number(let order, let bound): "is not \(order.words) \(bound.text)"
        case .text(let order, let bound): "is not \(order.words) \(JSONValue.string(bound).shown)"
        case .oneOf: "is none of those"
        case .contains(let operand): "does not contain \(operand.shown)"
        case .startsWith: "does not begin so"
        case .endsWith: "does not end so"
        case .exists: "is there"
        }
    }
}

extension MatchTest.Order {
    fileprivate var words: String {
        switch self {
        case .greater: "greater than"
        case .greaterOrEqual: "at least"
        case .less: "less than"
        case .lessOrEqual: "at most"
        }
    }
}

/// A text that is compared byte by byte: Swift's own order depends on how Unicode composes characters.
private struct ByteOrdered: Comparable {
    let utf8: String.UTF8View

    static func == (a: ByteOrdered, b: ByteOrdered) -> Bool { a.utf8.elementsEqual(b.utf8) }
    static func < (a: ByteOrdered, b: ByteOrdered) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}

extension String {
    fileprivate var byteOrdered: ByteOrdered { ByteOrdered(utf8: utf8) }

    fileprivate func hasBytes(_ part: String) -> Bool {
        part.isEmpty || !utf8.ranges(of: part.utf8).isEmpty
    }
}

extension JSONValue {
    /// Both say the same; the common kinds without writing them out.
    func isEqual(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.array, .array), (.object, .object): isSame(as: other)
        default: false
        }
    }

    /// What a filter says, short enough for a message.
    fileprivate var shown: String {
        ASCII.quotable(String(decoding: canonical(), as: UTF8.self))
    }
}
