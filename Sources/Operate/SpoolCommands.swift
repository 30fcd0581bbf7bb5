public import Spool
internal import SystemPackage

/// Commands on one spool that people are advised to run: they can be pasted into a shell where the command was run that said so.
public struct SpoolCommands: Sendable {
    private let path: String

    init(path: String) {
        self.path = path
    }

    /// Where commands look if they are not told.
    public static let defaultPath = "spool"

    /// `billhook WORDS`, with the spool named unless it is the one at ``defaultPath``.
    public func billhook(_ words: String) -> String {
        path == SpoolCommands.defaultPath
            ? "billhook \(words)" : "billhook \(words) --spool \(SpoolCommands.quoted(path))"
    }

    /// The path of a file in the spool: `processing/inv-7.json`, from where the command was run.
    func file(_ name: String) -> String {
        SpoolCommands.quoted(path.hasSuffix("/") ? path + name : "\(path)/\(name)")
    }

    /// Brings a request back from the archive; its key may have been used again since, so it replaces nothing.
    func restore(_ key: Key, _ day: String) -> String {
        "mv -n \(file("archive/\(day)/\(key.fileName)"))* \(file("done/"))"
    }

    /// Removes the sidecars that keep a key taken.
    func free(_ key: Key, _ state: State) -> String { "rm \(file("\(state.rawValue)/\(key.fileName)"))*" }

    /// In the quotes of a POSIX shell where it holds anything that means something to one.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x80 || Set("/._~@:+=-,%".utf8).contains(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        }
        if isPlain && !text.isEmpty && !text.hasPrefix("~") { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

extension Spool {
    /// The commands on this spool.
    public var commands: SpoolCommands { SpoolCommands(path: path.string) }
}
