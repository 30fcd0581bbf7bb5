internal import Hashing

/// What the name of something in incoming/ says it is.
public enum DropName: Equatable, Sendable {
    /// A request for a key; or an event's entry, which only Billhook makes: one that comes from outside is refused when
    /// it is claimed.
    case request(Key)
    /// A conflicting drop of a key that came back under the name it was given in dead/: a drop of that key again.
    case conflict(Key)
    /// A writer's name for work in progress: left alone until it is renamed.
    case unfinished
    /// A request's sidecar, which a person moved along with it: never a request itself.
    case sidecar
    /// No name for a request; says why, as the second half of a sentence.
    case refused(because: String)

    public init(_ bytes: [UInt8]) {
        // What nearly all are: an invoice's name is read twice, and took 8,200 instructions by the checks below.
        if DropName.isRequest(bytes.span) {
            self = .request(Key(known: String(decoding: bytes.dropLast(Key.fileSuffix.utf8.count), as: UTF8.self)))
            return
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            let isUnfinished = DropName.isUnfinished(String(decoding: bytes, as: UTF8.self))
            self = isUnfinished ? .unfinished : .refused(because: "it is not UTF-8")
            return
        }
        self.init(name)
    }

    public init(_ name: String) {
        // First what nearly all are: no name of work in progress is a key's.
        if DropName.isRequest(name.utf8.span) {
            self = .request(Key(known: String(decoding: name.utf8.dropLast(Key.fileSuffix.utf8.count), as: UTF8.self)))
        } else if let key = Key(fileName: name) {
            self = .request(key)
        } else if DropName.isUnfinished(name) {
            self = .unfinished
        } else if name.hasSuffix(Key.fileSuffix) {
            let stem = name.dropLast(Key.fileSuffix.utf8.count)
            if let key = DropName.key(ofConflict: stem) {
                self = .conflict(key)
            } else {
                self = .refused(because: Key.objection(to: String(stem)) ?? "it is no legal key")
            }
        } else if SidecarName(name) != nil {
            self = .sidecar
        } else {
            self = .refused(because: "it does not end in .json")
        }
    }

    /// The name that a refused file is given in dead/: from a hash of its own, so that the same name is refused to the
    /// same place.
    public static func refusedName(_ bytes: [UInt8]) -> String {
        "refused-" + ContentHash.short(bytes)
    }

    /// A name as text that is safe to print: what is not printable ASCII is written `\xHH`.
    public static func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"): text += "\\\\"
            case 0x20...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "\\x" + ContentHash.hex([byte])
            }
        }
        return text
    }

    /// A name as it is, if every character of it can be seen, else escaped; a backslash is always escaped, so that the two
    /// can be told apart.
    public static func legible(_ name: String) -> String {
        let isLegible = name.unicodeScalars.allSatisfy { $0 != "\\" && $0.properties.isPrintable }
        return isLegible ? name : escaped(Array(name.utf8))
    }

    /// The bytes that `escaped` wrote; `nil` for what it does not write.
    public static func unescaped(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "x"):
                guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return bytes
    }

    /// Dot-files (rsync, sftp and editors begin them so) and the endings of downloads, copies and backups in progress.
    private static func isUnfinished(_ name: String) -> Bool {
        if name.hasPrefix(".") || name.hasSuffix("~") { return true }
        if name.hasPrefix("#"), name.hasSuffix("#") { return true }
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return unfinishedEndings.contains(name[name.index(after: dot)...].lowercased())
    }

    private static let unfinishedEndings: Set<String> = [
        "tmp", "temp", "part", "partial", "filepart", "crdownload", "download", "swp", "swx", "lock", "writing",
        "incomplete", "inprogress",
    ]

    private static func key(ofConflict stem: Substring) -> Key? {
        guard let range = stem.firstRange(of: Key.conflictMark) else { return nil }
        let hash = stem[range.upperBound...]
        guard hash.utf8.count == 8, hash.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        return Key(stem[..<range.lowerBound])
    }
}

extension Key {
    /// The request's name in dead/ when its content conflicts with the key's first request.
    public func conflictFileName(for content: [UInt8]) -> String {
        name + Key.conflictMark + ContentHash.short(content) + Key.fileSuffix
    }
}
