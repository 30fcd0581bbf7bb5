internal import Hashing

/// The names of entries: events that are delivered from a file of their own, `processing/+EVENTID.json`.
extension Key {
    private static let entryPrefix = "+evt_"

    /// The key of an entry, `+evt_` and 32 hexadecimal digits; `nil` for every other text. No producer can ask for it,
    /// since a legal key begins with a letter or digit.
    public init?(entry text: some StringProtocol) {
        let digits = text.utf8.dropFirst(Key.entryPrefix.utf8.count)
        guard text.hasPrefix(Key.entryPrefix), digits.count == 32, digits.allSatisfy(\.isLowerCaseHexDigit) else {
            return nil
        }
        self.init(known: String(text))
    }

    /// The key that the stem of a file's name stands for, a request's or an entry's; `nil` if it is neither.
    public init?(stem text: some StringProtocol) {
        if let key = Key(text) ?? Key(entry: text) { self = key } else { return nil }
    }

    /// The key of an event's entry: a hash of the spool, the event's name and what it is about, so that the same cause
    /// met twice, before and after a crash, gives the same entry.
    public static func entry(spoolID: String, type: String, cause: [String]) -> Key {
        // Each field goes behind its length, so that no two lists of fields have the same bytes.
        let fields = ["billhook event id 1", spoolID, type] + cause
        let text = fields.map { "\($0.utf8.count) \($0)" }.joined(separator: " ")
        return Key(known: ContentHash.id(entryPrefix, of: Array(text.utf8)))
    }

    /// Whether it names an event's entry and not a request.
    public var isEntry: Bool { name.utf8.first == UInt8(ascii: "+") }

    /// The id of an entry's event, `evt_` and 32 hexadecimal digits; `nil` for a request.
    public var eventID: String? { isEntry ? String(name.dropFirst()) : nil }
}

extension UInt8 {
    fileprivate var isLowerCaseHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
