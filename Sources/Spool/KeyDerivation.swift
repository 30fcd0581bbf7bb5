internal import Hashing
internal import JSON

/// How a key is made from a request's content.
public enum KeyDerivation: Hashable, Sendable, CustomStringConvertible {
    /// The SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits: equal values have one key, however they are
    /// written.
    case content
    /// The value of a member of the request itself, by the member's name.
    case field(String)

    /// Reads `content` or `field:NAME`; `nil` for anything else. NAME has 1 to 200 bytes and no control characters.
    public init?(_ text: String) {
        if text == "content" {
            self = .content
            return
        }
        guard text.hasPrefix(KeyDerivation.fieldPrefix) else { return nil }
        let name = String(text.dropFirst(KeyDerivation.fieldPrefix.count))
        guard (1...200).contains(name.utf8.count), name.unicodeScalars.allSatisfy({ $0.properties.isPrintable })
        else { return nil }
        self = .field(name)
    }

    /// As `init` reads it.
    public var description: String {
        switch self {
        case .content: "content"
        case .field(let name): KeyDerivation.fieldPrefix + name
        }
    }

    private static let fieldPrefix = "field:"

    /// The key of a request.
    ///
    /// A field's value is a string, or a whole number, which counts by its digits; it must be a legal key.
    ///
    /// - Throws: `KeylessContent`, which says why there is none; it `isIncomplete` if more bytes could make one.
    public func key(of content: [UInt8]) throws(KeylessContent) -> Key {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(content)
        } catch {
            throw KeylessContent(error)
        }
        switch self {
        case .content: return Key(sha256: ContentHash.sha256(value.canonical()))
        case .field(let name): return try KeyDerivation.key(in: name, of: value)
        }
    }

    private static func key(in name: String, of value: JSONValue) throws(KeylessContent) -> Key {
        guard let object = value.object else { throw .notAnObject(value.kindName, field: name) }
        guard let member = object[name] else { throw .missing(name) }
        let text: String
        switch member {
        case .string(let string): text = string
        case .number:
            text = String(decoding: member.canonical(), as: UTF8.self)
            guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
                throw .invalid(name, "is a number with a sign, a fraction or an exponent, and such a number is no key")
            }
        default: throw .invalid(name, "must be a string or a whole number, not \(member.kindName)")
        }
        guard let key = Key(text) else {
            throw .invalid(name, "is no legal key: \(Key.objection(to: text) ?? "it has a form of its own")")
        }
        return key
    }
}

extension Key {
    /// The digits of a digest are always a legal key.
    fileprivate init(sha256 digest: [UInt8]) {
        name = ContentHash.hex(digest)
    }
}

extension Unicode.Scalar.Properties {
    /// Whether the character stands for itself where it is shown: no control, no invisible format character, no half.
    var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
