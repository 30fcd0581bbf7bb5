internal import CLinux
internal import Glibc
public import SystemPackage

extension Directory {
    /// What stands under a name, without following a symlink; `nil` if nothing does.
    public func status(_ name: some FileNaming) throws(Errno) -> FileStatus? {
        try status { call in name.withPath(call) }
    }

    /// The same for a name as ``DirectoryScan/forEach(_:_:)`` hands it over, and what follows it in the name that is meant.
    public func status(_ name: Span<UInt8>, _ suffix: StaticString = "") throws(Errno) -> FileStatus? {
        try status { call in withJoinedPath(name, suffix, call) }
    }

    private func status(
        _ withPath: ((UnsafePointer<CChar>) -> Int32) -> Int32
    ) throws(Errno) -> FileStatus? {
        var raw = stat()
        do {
            _ = try retrying { withPath { fstatat(descriptor, $0, &raw, AT_SYMLINK_NOFOLLOW) } }
            return FileStatus(raw)
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    /// Whether anything stands under a name.
    public func contains(_ name: some FileNaming) throws(Errno) -> Bool {
        if let known = listing(), !known.mayHold(name) { return false }
        return try isThere(name)
    }

    /// Whether anything stands under one of the names.
    public func contains(anyOf names: [FileName]) throws(Errno) -> Bool {
        if let known = listing(), !names.contains(where: { known.mayHold($0) }) { return false }
        for name in names where try isThere(name) { return true }
        return false
    }

    private func isThere(_ name: some FileNaming) throws(Errno) -> Bool {
        do {
            _ = try retrying { name.withPath { faccessat(descriptor, $0, F_OK, AT_SYMLINK_NOFOLLOW) } }
            return true
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// Renames a file into another directory unless the name is taken there (`renameat2(2)`, `RENAME_NOREPLACE`).
    ///
    /// Returns `false`, with nothing changed, if the target stands. Throws `noSuchFileOrDirectory` if the source has
    /// gone, and whatever else the call does. Atomic: after a crash the file has one of the two names.
    public func move(
        _ name: some FileNaming, to target: Directory, as newName: some FileNaming
    ) throws(Errno) -> Bool {
        if movesByLink { return try moveByLink(name, to: target, as: newName) }
        do {
            try renameWithoutReplacing(name, to: target, as: newName)
            return true
        } catch .fileExists {
            return false
        } catch .invalidArgument {
            return try moveByLink(name, to: target, as: newName)
        }
    }

    /// The same in one call, for a source that somebody else may replace at any moment: `nil`, with nothing changed, where
    /// the file system has no such rename. The fallback's second step could then remove what it did not link.
    public func moveAtOnce(
        _ name: some FileNaming, to target: Directory, as newName: some FileNaming
    ) throws(Errno) -> Bool? {
        if movesByLink { return nil }
        do throws(Errno) {
            try renameWithoutReplacing(name, to: target, as: newName)
            return true
        } catch .fileExists {
            return false
        } catch .invalidArgument {
            return nil
        }
    }

    /// `renameat2(2)` with `RENAME_NOREPLACE`, and no fallback: throws `fileExists` if the target stands, and
    /// `invalidArgument` where the file system has no such rename.
    public func renameWithoutReplacing(
        _ name: some FileNaming, to target: Directory, as newName: some FileNaming
    ) throws(Errno) {
        _ = try retrying {
            name.withPath { name in
                newName.withPath { clinux_rename_noreplace(descriptor, name, target.descriptor, $0) }
            }
        }
    }

    /// Renames over whatever stands under the new name.
    public func replace(
        _ newName: some FileNaming, in target: Directory, with name: some FileNaming
    ) throws(Errno) {
        _ = try retrying {
            name.withPath { name in
                newName.withPath { renameat(descriptor, name, target.descriptor, $0) }
            }
        }
    }

    /// Removes a file's name. Returns `false` if it had gone already.
    @discardableResult
    public func remove(_ name: some FileNaming) throws(Errno) -> Bool {
        do {
            _ = try retrying { name.withPath { unlinkat(descriptor, $0, 0) } }
            return true
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// Removes an empty directory. Returns `false` if it had gone already; throws `directoryNotEmpty`, and `notDirectory`
    /// for everything else, a symbolic link to a directory too.
    @discardableResult
    public func removeDirectory(_ name: String) throws(Errno) -> Bool {
        do {
            _ = try retrying { unlinkat(descriptor, name, AT_REMOVEDIR) }
            return true
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// Where the file system has no such rename (NFS, CephFS, many FUSE: `EINVAL`), `linkat(2)` is atomic and refuses
    /// a taken name just as well; the old name is removed after it, if it still names the same file. A crash between
    /// the two leaves one file under both names, which the spool's recovery merges.
    private func moveByLink(
        _ name: some FileNaming, to target: Directory, as newName: some FileNaming
    ) throws(Errno) -> Bool {
        do {
            _ = try retrying {
                name.withPath { name in
                    newName.withPath { linkat(descriptor, name, target.descriptor, $0, 0) }
                }
            }
        } catch .fileExists {
            return false
        } catch .notPermitted {
            // Somebody else's file (protected_hardlinks), or a directory: only Billhook and people move files into the
            // spool's own directories, so looking first does.
            if try target.status(newName) != nil { return false }
            try replace(newName, in: target, with: name)
            return true
        }
        if try status(name)?.identity == target.status(newName)?.identity {
            _ = try retrying { name.withPath { unlinkat(descriptor, $0, 0) } }
        }
        return true
    }
}
