/// Which events a subscription asks for: one name (`invoice.processed`), a family (`invoice.*`), or `*`.
///
/// Operator events (any name outside `invoice.`) tell about the daemon, not about an invoice, so a bare `*`, which
/// people write to hear of all invoices, does not match them: they are heard only where a pattern names them or
/// their family.
public struct EventPattern: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as written.
    public let description: String
    private let kind: Kind

    private enum Kind: Sendable, Hashable {
        case everyInvoice
        /// The family's name with its dot: `invoice.`.
        case family(String)
        case name
    }

    /// What a subscription hears that does not say: `invoice.*`.
    public static let standard = EventPattern(description: "invoice.*", kind: .family("invoice."))

    /// Reads a pattern: words of `[a-z0-9_]` joined by dots, at most 100 bytes, of which the last may be `*`.
    /// Anything else is `nil`.
    public init?(_ text: String) {
        guard text.utf8.count <= 100 else { return nil }
        if text == "*" {
            self.init(description: text, kind: .everyInvoice)
            return
        }
        let isFamily = text.hasSuffix(".*")
        let name = isFamily ? text.dropLast(2) : text[...]
        guard EventPattern.isName(name) else { return nil }
        self.init(description: text, kind: isFamily ? .family(name + ".") : .name)
    }

    private init(description: String, kind: Kind) {
        self.description = description
        self.kind = kind
    }

    /// Whether a subscription with this pattern is told of `event`.
    public func matches(_ event: String) -> Bool {
        switch kind {
        case .everyInvoice: event.hasPrefix("invoice.")
        case .family(let prefix): event.hasPrefix(prefix)
        case .name: event == description
        }
    }

    /// Whether it is one name, and that of no event: nothing would ever be sent for it, and nobody would be told. A wildcard
    /// may be meant for events of a later version.
    var isUnknownName: Bool { kind == .name && !EventBody.names.contains(description) }

    /// The event that was probably meant; `nil` if the pattern resembles none.
    private var nearest: String? { NearestName.find(description, in: EventBody.names) }

    /// What is to be done about a pattern that no event there is matches, as a sentence; `nil` for one that some event does.
    public var objection: String? {
        if EventBody.names.contains(where: matches) { return nil }
        return nearest.map { "Did you mean \($0)?" } ?? "There are \(EventBody.names.joined(separator: ", "))."
    }

    /// The same for one in a file, to follow what is wrong.
    var correction: String {
        nearest.map { "did you mean \($0)? Otherwise remove it" }
            ?? "write one of \(EventBody.names.joined(separator: ", "))"
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        ASCII.isLowercase(byte) || ASCII.isDigit(byte) || byte == ASCII.underscore
    }

    private static func isName(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy(isWordByte)
        }
    }
}
