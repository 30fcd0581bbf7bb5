/// One pass over the bytes of a document, by recursive descent.
struct JSONParser {
    let bytes: [UInt8]
    /// The next byte to look at.
    var position = 0
    /// How many arrays and objects are open.
    var depth = 0
    private let maximumDepth: Int

    init(_ bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw error(.byteOrderMark, at: 0) }
        skipWhiteSpace()
        if isAtEnd { throw error(.empty) }
        let value = try value()
        skipWhiteSpace()
        guard isAtEnd else { throw error(bytes[position] == 0 ? .nulByte : .trailingBytes) }
        return value
    }

    func error(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? position
        let lineBreaks = bytes[..<offset].reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        return JSONError(reason: reason, offset: offset, line: lineBreaks + 1)
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard !isAtEnd else { throw error(.endsEarly) }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(JSONObject(members: try members()))
        case UInt8(ascii: "["): return .array(try elements())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected(.expectedValue)
        }
    }

    private mutating func members() throws(JSONError) -> [JSONObject.Member] {
        try open()
        var members: [JSONObject.Member] = []
        if close(with: UInt8(ascii: "}")) { return members }
        members.reserveCapacity(8)
        var names = UniqueNames()
        while true {
            guard !isAtEnd else { throw error(.endsEarly) }
            guard bytes[position] == UInt8(ascii: "\"") else { throw unexpected(.expectedName) }
            let nameStart = position
            let name = try string()
            guard names.insert(name, after: members) else { throw error(.duplicateName, at: nameStart) }
            skipWhiteSpace()
            guard !isAtEnd else { throw error(.endsEarly) }
            guard bytes[position] == UInt8(ascii: ":") else { throw unexpected(.expectedColon) }
            position += 1
            skipWhiteSpace()
            let start = position
            let value = try value()
            members.append(JSONObject.Member(name: name, value: value, source: start..<position))
            if try !comma(orClosing: UInt8(ascii: "}")) { return members }
        }
    }

    private mutating func elements() throws(JSONError) -> [JSONValue] {
        try open()
        var elements: [JSONValue] = []
        if close(with: UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value())
            if try !comma(orClosing: UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func open() throws(JSONError) {
        guard depth < maximumDepth else { throw error(.tooDeep) }
        depth += 1
        position += 1
        skipWhiteSpace()
    }

    private mutating func close(with bracket: UInt8) -> Bool {
        guard !isAtEnd, bytes[position] == bracket else { return false }
        position += 1
        depth -= 1
        return true
    }

    /// What stands after an element: a comma and the white space behind it (true) or the closing bracket (false).
    private mutating func comma(orClosing bracket: UInt8) throws(JSONError) -> Bool {
        skipWhiteSpace()
        if close(with: bracket) { return false }
        guard !isAtEnd else { throw error(.endsEarly) }
        guard bytes[position] == UInt8(ascii: ",") else { throw unexpected(.expectedComma) }
        position += 1
        skipWhiteSpace()
        return true
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for letter in word.description.utf8 {
            guard !isAtEnd else { throw error(.endsEarly) }
            guard bytes[position] == letter else { throw unexpected(.expectedValue) }
            position += 1
        }
        return value
    }

    private func unexpected(_ reason: JSONError.Reason) -> JSONError {
        error(bytes[position] == 0 ? .nulByte : reason)
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}

/// Tells whether a name is new in its object: by looking through a small object, by a set in a large one, so that
/// an object of a hundred thousand names does not take a day.
private struct UniqueNames {
    private static let fewMembers = 16

    private var seen: Set<[UInt8]> = []

    mutating func insert(_ name: String, after members: [JSONObject.Member]) -> Bool {
        if members.count < Self.fewMembers {
            return !members.contains { $0.name.hasSameBytes(as: name) }
        }
        if seen.isEmpty { seen = Set(members.map { Array($0.name.utf8) }) }
        return seen.insert(Array(name.utf8)).inserted
    }
}
