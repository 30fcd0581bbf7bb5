public import Files

/// An idempotency key: the name of a request file without `.json`.
///
/// 1 to 200 bytes of `[A-Za-z0-9._~@:+=-]`, the first alphanumeric, and nowhere `.conflict-`, which marks the files
/// that Billhook itself names after a key.
public struct Key: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    /// `nil` if the text is no legal key.
    public init?(_ text: some StringProtocol) {
        guard (1...200).contains(text.utf8.count) else { return nil }
        // Looked through as an array, which takes a fraction of iterating a string's bytes.
        let bytes = Array(text.utf8)
        guard bytes[0].isAlphanumeric, bytes.allSatisfy(\.isLegalInKey),
            !Key.holdsConflictMark(bytes)
        else { return nil }
        name = String(text)
    }

    /// The key of a request file's name, or of an entry's; `nil` if it is neither.
    init?(fileName: String) {
        guard fileName.utf8.count > Key.fileSuffix.utf8.count,
            fileName.utf8.suffix(Key.fileSuffix.utf8.count).elementsEqual(Key.fileSuffix.utf8)
        else { return nil }
        self.init(stem: fileName.dropLast(Key.fileSuffix.utf8.count))
    }

    /// Why a text is no legal key, as the second half of a sentence; `nil` if it is one.
    public static func objection(to text: String) -> String? {
        if Key(text) != nil { return nil }
        if text.isEmpty { return "it is empty" }
        if text.utf8.count > 200 { return "it has \(text.utf8.count) bytes, and 200 is the most" }
        if text.contains(conflictMark) { return "it contains '\(conflictMark)', which marks conflicting drops" }
        if text.utf8.first?.isAlphanumeric != true { return "it does not begin with a letter or a digit" }
        return "it contains characters other than A-Z a-z 0-9 . _ ~ @ : + = -"
    }

    /// Byte by byte: `String.contains` sets up a searcher for it, which took a tenth of all that an invoice costs.
    private static func holdsConflictMark(_ text: some Collection<UInt8>) -> Bool {
        var rest = text[...]
        while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            if rest[dot...].starts(with: conflictMark.utf8) { return true }
            rest = rest[rest.index(after: dot)...]
        }
        return false
    }

    /// The request file's name in every state directory.
    public var fileName: FileName { FileName(name, ".json") }

    public var description: String { name }

    static let fileSuffix = ".json"
    static let conflictMark = ".conflict-"
}

extension UInt8 {
    var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    var isLegalInKey: Bool {
        switch self {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: ":"),
            UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "-"):
            true
        default: isAlphanumeric
        }
    }
}
