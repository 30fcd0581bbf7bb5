internal import Files
public import SystemPackage

/// What stands at a spool's path is no longer what was opened there.
public struct Displacement: Sendable, Equatable {
    /// The first directory of which that is so; empty for the spool itself.
    public let name: String
    public let kind: Kind

    public enum Kind: Sendable, Equatable {
        /// Nothing stands there: it was removed, renamed or unmounted.
        case gone
        /// Another directory stands there.
        case replaced
    }

    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

extension Spool {
    /// Compares the directories at the spool's path with those that were opened; `nil` if they are the same.
    ///
    /// A path that can't be looked at for another reason (no descriptor left, a file server that does not answer) tells
    /// nothing, and is no displacement.
    public func displacement() -> Displacement? {
        let root: Directory
        switch Spool.look({ () throws(Errno) in try Directory(path) }) {
        case .success(let directory): root = directory
        case .failure(let code): return code.isAbsence ? Displacement(name: "", kind: .gone) : nil
        }
        for (name, directory) in directories {
            switch Spool.look({ () throws(Errno) in try root.directory(name).identity() == directory.identity() }) {
            case .success(true): continue
            case .success(false): return Displacement(name: name, kind: .replaced)
            case .failure(let code):
                if code.isAbsence { return Displacement(name: name, kind: .gone) }
                return nil
            }
        }
        return nil
    }

    /// Whether a spool stands at a path: one that `init` or a daemon made, perhaps with directories missing. The mount point
    /// of a disk that is not mounted is none.
    public static func stands(at path: FilePath) -> Bool {
        guard let own = try? Directory(path.appending(ownName)) else { return false }
        return (try? own.contains(idName)) ?? false
    }

    /// `.billhook/` first: without it, it is no spool.
    private var directories: [(name: String, directory: Directory)] {
        [(Spool.ownName, own)] + State.allCases.map { ($0.rawValue, directory($0)) } + [
            ("archive", archive), ("subscriptions", subscriptions), ("tmp", tmp), (Spool.ownName + "/aside", aside),
        ]
    }

    private static func look<Value>(_ body: () throws(Errno) -> Value) -> Result<Value, Errno> {
        Result(catching: body)
    }
}

extension Errno {
    fileprivate var isAbsence: Bool {
        [.noSuchFileOrDirectory, .notDirectory, .staleNFSFileHandle].contains(self)
    }
}
