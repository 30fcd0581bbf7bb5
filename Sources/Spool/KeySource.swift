/// Where the keys of a spool's requests come from; a setting of the spool, made once, when it is.
public enum KeySource: Hashable, Sendable, CustomStringConvertible {
    /// The file's name without `.json`.
    case name
    /// The content, whatever the file is called.
    case derived(KeyDerivation)

    /// Reads `name`, `content` or `field:NAME`; `nil` for anything else.
    public init?(_ text: String) {
        if text == "name" {
            self = .name
        } else if let derivation = KeyDerivation(text) {
            self = .derived(derivation)
        } else {
            return nil
        }
    }

    /// As `init` reads it.
    public var description: String {
        switch self {
        case .name: "name"
        case .derived(let derivation): derivation.description
        }
    }

    /// How keys are derived; `nil` where files are named by them.
    public var derivation: KeyDerivation? {
        if case .derived(let derivation) = self { derivation } else { nil }
    }

    /// Whether a file with this name in incoming/ is a request whose key is in its content: then every UTF-8 name that
    /// ends in `.json` and is not one for unfinished work or an event's entry is. Never where files are named by their
    /// keys.
    public func derivesKey(ofFile name: [UInt8]) -> Bool {
        guard derivation != nil, name.count > Key.fileSuffix.utf8.count,
            name.suffix(Key.fileSuffix.utf8.count).elementsEqual(Key.fileSuffix.utf8),
            let text = String(validating: name, as: UTF8.self)
        else { return false }
        return DropName(text) != .unfinished && Key(entry: text.dropLast(Key.fileSuffix.utf8.count)) == nil
    }
}
