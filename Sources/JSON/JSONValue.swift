/// One JSON value (RFC 8259), as it was written: numbers keep their text, objects the order of their members.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// What a reader of fields asks; each is `nil` when the value is of another kind.
extension JSONValue {
    /// The object.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The elements of the array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text, unescaped.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number.
    public var number: JSONNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The number, if it is a whole one within 64 bits (`5`, `5.0` and `5e2` are whole).
    public var int64: Int64? { number?.int64 }

    /// The truth value.
    public var bool: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    /// It is `null`, which is not the same as missing.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The kind with its article, for messages: `a string`, `an object`; it shows nothing of the value.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
