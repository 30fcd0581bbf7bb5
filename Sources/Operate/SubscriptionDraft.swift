internal import Deliver
internal import JSON

/// A subscription that is to be written.
public struct SubscriptionDraft: Sendable {
    /// How its webhooks are signed.
    public enum Secret: Sendable {
        /// With a new one; a subscription that is replaced keeps the one it has.
        case standard
        /// With this one, `whsec_…`.
        case given(String)
        /// With the one in this file.
        case file(String)
        /// With a new ed25519 key pair.
        case newPair
        /// Not at all.
        case none
    }

    public var name: String
    public var url: String
    public var secret = Secret.standard
    /// Names or wildcards; empty means `invoice.*`.
    public var events: [String] = []
    /// As written: `15s`.
    public var timeout: String?
    /// The waits between attempts, as written.
    public var retry: [String]?
    public var concurrency: Int?
    public var headers: [(name: String, value: String)] = []
    /// The conditions on an event, as JSON.
    public var match: String?
    /// As written: `50/s`.
    public var rate: String?
    /// As written: `customer`.
    public var ordering: String?
    /// Blocks of addresses that its host may resolve to though they are not globally reachable.
    public var allow: [String] = []
    /// As written: `http://proxy.example:3128`.
    public var proxy: String?
    /// The path of the authorities to trust instead of the system's.
    public var caFile: String?
    /// The paths of a client certificate and its key.
    public var clientCert: String?
    public var clientKey: String?

    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }

    /// The file: one JSON object, a member a line, for people to edit.
    func encoded(secret: StoredSecret?) -> [UInt8] {
        var members: [(String, [UInt8])] = [("url", Self.value { $0.string(url) })]
        if !events.isEmpty { members.append(("events", Self.list(events))) }
        if let match { members.append(("match", Array(match.utf8))) }
        if let secret { members.append((secret.field, secret.json)) }
        if !headers.isEmpty {
            members.append(
                (
                    "headers",
                    Self.value { writer in
                        writer.beginObject()
                        for header in headers {
                            writer.name(header.name)
                            writer.string(header.value)
                        }
                        writer.endObject()
                    }
                ))
        }
        if let timeout { members.append(("timeout", Self.value { $0.string(timeout) })) }
        if let retry { members.append(("retry", Self.list(retry))) }
        if let concurrency { members.append(("concurrency", Self.value { $0.integer(concurrency) })) }
        if !allow.isEmpty { members.append(("allow", Self.list(allow))) }
        let texts = [
            ("rate", rate), ("ordering", ordering), ("proxy", proxy), ("ca_file", caFile),
            ("client_cert", clientCert), ("client_key", clientKey),
        ]
        for (name, text) in texts {
            if let text { members.append((name, Self.value { $0.string(text) })) }
        }
        let lines = members.map { name, value in Array("  \"\(name)\": ".utf8) + value }
        return Array("{\n".utf8) + lines.joined(separator: Array(",\n".utf8)) + Array("\n}\n".utf8)
    }

    private static func value(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return writer.bytes
    }

    private static func list(_ texts: [String]) -> [UInt8] {
        value { writer in
            writer.beginArray()
            for text in texts { writer.string(text) }
            writer.endArray()
        }
    }
}

/// The keys of a subscription as its file holds them.
struct StoredSecret {
    /// `secret` or `secret_file`.
    let field: String
    /// The field's value: a text, an object or a list.
    let json: [UInt8]

    init(field: String, json: [UInt8]) {
        self.field = field
        self.json = json
    }

    init(field: String, text: String) {
        var writer = JSONWriter()
        writer.string(text)
        self.init(field: field, json: writer.bytes)
    }
}
