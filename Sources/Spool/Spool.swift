public import Files
internal import Hashing
internal import JSON
public import SystemPackage

/// A spool on disk: its directories, opened once, and the identity it was given when it was made.
///
/// The value holds no state of its own beyond that. What is in the spool is read from the directories each time, since
/// people and other processes move files in it at any moment.
public struct Spool: Sendable {
    public let path: FilePath
    public internal(set) var incoming: Directory
    public internal(set) var processing: Directory
    public internal(set) var done: Directory
    public internal(set) var dead: Directory
    public internal(set) var hold: Directory
    public internal(set) var archive: Directory
    public internal(set) var subscriptions: Directory
    /// Where writers put a file together before they rename it into incoming/.
    public internal(set) var tmp: Directory
    /// `.billhook/`, Billhook's own.
    public internal(set) var own: Directory
    /// `.billhook/aside/`: where a drop stands while it is compared with the request that has its key.
    public internal(set) var aside: Directory
    /// Random, 32 hexadecimal digits, written when the spool was made: ids are derived from it, never from a path.
    public let id: String
    /// Where the keys of its requests come from.
    public let keySource: KeySource
    /// The numeric user that this process is.
    public let owner: UInt32 = effectiveUser()

    public func directory(_ state: State) -> Directory {
        switch state {
        case .incoming: incoming
        case .processing: processing
        case .done: done
        case .dead: dead
        case .hold: hold
        }
    }

    static var movingDirectories: [WritableKeyPath<Spool, Directory>] {
        [
            \.incoming, \.processing, \.done, \.dead, \.hold, \.archive, \.subscriptions, \.tmp, \.own, \.aside,
        ]
    }

    static let ownName = ".billhook"
    static let settingsName = ".billhook/settings"
    static let idName = "id"

    private static let names = [
        "incoming", "processing", "done", "dead", "hold", "archive", "subscriptions", "tmp",
    ]

    /// Opens a spool. Throws `missing` if there is none.
    public init(_ path: FilePath) throws(SpoolError) {
        let root: Directory
        do throws(Errno) {
            root = try Directory(path)
        } catch .noSuchFileOrDirectory {
            throw .missing(path)
        } catch {
            throw .directory(path, name: "", error)
        }
        try self.init(path, root: root)
    }

    /// Opens a spool, and makes what is missing of it first.
    ///
    /// A directory that holds files of somebody else's is refused, so that a mistyped path does not become a spool.
    /// What a crash leaves half made is completed by the next call.
    ///
    /// - Parameter keySource: where its keys are to come from; `nil` for where those of a spool that stands do, and the
    ///   file names of a new one. Throws `keySource` if a spool stands that was made with another one.
    public static func create(_ path: FilePath, keySource: KeySource? = nil) throws(SpoolError) -> Spool {
        let root: Directory
        do throws(Errno) {
            try makePath(path)
            root = try Directory(path)
            let standing = try root.names().map { String(decoding: $0, as: UTF8.self) }
            guard standing.allSatisfy(isOurs) else { throw Errno.directoryNotEmpty }
        } catch .directoryNotEmpty {
            throw .notASpool(path)
        } catch {
            throw .directory(path, name: "", error)
        }
        for name in names + [ownName] { try make(name, in: root, of: path) }
        let own = try open(ownName, in: root, of: path)
        try make("aside", in: own, of: path)
        let settings = SpoolSettings(keySource: keySource ?? .name)
        try writeOnce("settings", settings.encoded(), in: own, of: path)
        try writeOnce(idName, Array((randomID() + "\n").utf8), in: own, of: path)
        do throws(Errno) {
            try own.sync()
            try root.sync()
        } catch {
            throw .directory(path, name: ownName, error)
        }
        let spool = try Spool(path)
        try spool.require(keySource)
        return spool
    }

    /// Throws `keySource` unless its keys come from there; `nil` means anywhere.
    public func require(_ wanted: KeySource?) throws(SpoolError) {
        if let wanted, wanted != keySource { throw .keySource(path, standing: keySource, wanted: wanted) }
    }

    private init(_ path: FilePath, root: Directory) throws(SpoolError) {
        let own: Directory
        do throws(Errno) {
            own = try root.directory(Spool.ownName)
        } catch .noSuchFileOrDirectory {
            throw .missing(path)
        } catch {
            throw .directory(path, name: Spool.ownName, error)
        }
        self.path = path
        self.own = own
        keySource = try SpoolSettings.read(in: own, of: path).keySource
        id = try Spool.readID(in: own, of: path)
        aside = try Spool.open("aside", in: own, of: path)
        incoming = try Spool.open("incoming", in: root, of: path)
        processing = try Spool.open("processing", in: root, of: path)
        done = try Spool.open("done", in: root, of: path)
        dead = try Spool.open("dead", in: root, of: path)
        hold = try Spool.open("hold", in: root, of: path)
        archive = try Spool.open("archive", in: root, of: path)
        subscriptions = try Spool.open("subscriptions", in: root, of: path)
        tmp = try Spool.open("tmp", in: root, of: path)
    }

    /// What may stand beside the spool's own directories: dot-files (`.gitkeep`) and a file system's `lost+found`.
    private static func isOurs(_ name: String) -> Bool {
        names.contains(name) || name.hasPrefix(".") || name == "lost+found"
    }

    /// Makes what is missing of a path, durably. Of the directories above it only those are opened that have to be flushed:
    /// those in which one is new, and always the last, since a crash may have come before that was flushed.
    private static func makePath(_ path: FilePath) throws(Errno) {
        let start = try Directory(path.isAbsolute ? "/" : ".")
        var prefix = FilePath("")
        for component in path.components {
            let parent = prefix.isEmpty ? "." : prefix.string
            prefix.append(component)
            guard component.kind == .regular else { continue }
            let isNew = try start.make(prefix.string)
            if isNew || component == path.components.last { try flush(parent, in: start) }
        }
    }

    /// A directory that may be entered and not read can't be flushed, nor can one that never changes.
    private static func flush(_ name: String, in start: Directory) throws(Errno) {
        do throws(Errno) {
            try start.directory(name).sync()
        } catch  where [.permissionDenied, .readOnlyFileSystem, .invalidArgument].contains(error) {
            return
        }
    }

    private static func make(_ name: String, in parent: Directory, of path: FilePath) throws(SpoolError) {
        do throws(Errno) {
            try parent.makeOfItsOwner(name)
        } catch {
            throw .directory(path, name: name, error)
        }
    }

    private static func open(_ name: String, in parent: Directory, of path: FilePath) throws(SpoolError) -> Directory {
        do throws(Errno) {
            return try parent.directory(name)
        } catch {
            throw .directory(path, name: name, error)
        }
    }

    /// Writes a file that is never changed afterwards, under a temporary name first, so that no crash leaves it torn.
    private static func writeOnce(
        _ name: String, _ content: [UInt8], in own: Directory, of path: FilePath
    ) throws(SpoolError) {
        do throws(Errno) {
            if try own.contains(name) { return }
            // A name of its own: somebody may be making the same spool at this moment.
            let temporary = "\(name).\(randomID()).tmp"
            let file = try File.creating(temporary, in: own)
            try file.write(content)
            try file.give(toOwnerOf: own)
            try file.sync()
            if try !own.move(temporary, to: own, as: name) { try own.remove(temporary) }
        } catch {
            throw .file(path, name: ".billhook/\(name)", error)
        }
    }

    private static func readID(in own: Directory, of path: FilePath) throws(SpoolError) -> String {
        do throws(Errno) {
            guard let content = try own.read(idName, upTo: 256) else { throw Errno.noSuchFileOrDirectory }
            let text = String(decoding: content.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            guard text.utf8.count == 32, text.allSatisfy(\.isHexDigit) else { throw Errno.invalidArgument }
            return text
        } catch {
            throw .file(path, name: ".billhook/\(idName)", error)
        }
    }

    private static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        return ContentHash.hex((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
