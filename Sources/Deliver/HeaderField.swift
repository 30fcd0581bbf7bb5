/// A header of the user's own that goes with each webhook of a subscription, often a credential: its value never shows
/// itself in a description, a dump or an error.
public struct HeaderField: Sendable, Equatable {
    /// An HTTP token; capitals do not matter.
    public let name: String
    /// Printable ASCII without a line break. Never to be logged.
    public let value: String

    /// Takes a header unchecked; the check belongs to reading a subscription file.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The longest value, in bytes: receivers commonly refuse header blocks of more than 8 KiB.
    static let maximumValueBytes = 4096

    /// What is wrong with a header, and the fix; `nil` if it may be sent.
    ///
    /// Names are tokens (RFC 9110, section 5.1). Values are printable ASCII and inner spaces only (section 5.5): a line
    /// break would end the header and begin one, or a body, of its maker's choice. An empty value is refused because
    /// libcurl takes `Name:` as an order to leave a header out.
    static func problem(name: String, value: String) -> (problem: String, fix: String)? {
        guard !name.isEmpty, name.utf8.count <= 100, name.utf8.allSatisfy(isTokenByte) else {
            return ("has a name that is not an HTTP token", "use letters, digits and hyphens, at most 100 of them")
        }
        let folded = name.lowercased()
        guard !reserved.contains(folded), !folded.hasPrefix("webhook-") else {
            return ("is a header that Billhook or HTTP itself sets", "remove it or use another name")
        }
        guard !value.isEmpty else { return ("has an empty value", "give it a value or remove it") }
        guard value.utf8.allSatisfy({ ASCII.isVisible($0) || $0 == 0x20 }) else {
            return ("has a value with a line break, a control character or a letter outside ASCII", "remove those")
        }
        guard !value.hasPrefix(" "), !value.hasSuffix(" ") else {
            return ("has a value that begins or ends with a space", "remove the space")
        }
        guard value.utf8.count <= maximumValueBytes else {
            return ("has a value of more than \(maximumValueBytes) bytes", "shorten it")
        }
        return nil
    }

    /// What each webhook carries by itself, what would describe another body than the one that is sent, and the fields
    /// that frame a message or belong to one connection or to a proxy only (RFC 9110, sections 7.6.1 and 11.7).
    private static let reserved: Set<String> = [
        "content-type", "content-length", "host", "user-agent", "x-event-type", "x-delivery-id", "x-attempt",
        "x-signature", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade", "keep-alive",
        "proxy-connection", "proxy-authorization", "content-encoding",
    ]

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

extension HeaderField: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(name): (hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
