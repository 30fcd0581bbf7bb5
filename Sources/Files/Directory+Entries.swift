internal import CLinux
internal import Glibc
public import SystemPackage

extension Directory {
    /// What stands under a name, without following a symlink; `nil` if nothing does.
    public func status(_ name: String) throws(Errno) -> FileStatus? {
        try name.withPath { (name) throws(Errno) in try unsafeStatus(name) }
    }

    /// The same for a name that need not be UTF-8.
    public func status(raw name: [UInt8]) throws(Errno) -> FileStatus? {
        try unsafeStatus(name.map { CChar(bitPattern: $0) } + [0])
    }

    /// The same for a name as ``DirectoryScan/forEach(_:_:)`` hands it over, and what follows it in the name that is meant.
    ///
    /// Throws `fileNameTooLong` for more than 255 bytes.
    public func status(_ name: Span<UInt8>, _ suffix: StaticString = "") throws(Errno) -> FileStatus? {
        let length = name.count + suffix.utf8CodeUnitCount
        guard length <= Int(NAME_MAX) else { throw .fileNameTooLong }
        var text = InlineArray<256, CChar>(repeating: 0)
        for index in name.indices { text[index] = CChar(bitPattern: name[index]) }
        for index in name.count..<length { text[index] = CChar(bitPattern: suffix.utf8Start[index - name.count]) }
        let span = text.span
        return try span.withUnsafeBufferPointer { buffer throws(Errno) in
            guard let start = buffer.baseAddress else { return nil }
            return try unsafeStatus(start)
        }
    }

    /// Whether anything stands under a name.
    public func contains(_ name: String) throws(Errno) -> Bool {
        if let remembered, remembered.exclude([name], from: self) { return false }
        return try isThere(name)
    }

    /// Whether anything stands under one of the names.
    public func contains(anyOf names: [String]) throws(Errno) -> Bool {
        if let remembered, remembered.exclude(names, from: self) { return false }
        for name in names where try isThere(name) { return true }
        return false
    }

    private func isThere(_ name: String) throws(Errno) -> Bool {
        do {
            _ = try retrying { name.withCString { faccessat(descriptor, $0, F_OK, AT_SYMLINK_NOFOLLOW) } }
            return true
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// Renames a file into another directory unless the name is taken there (`renameat2(2)`, `RENAME_NOREPLACE`).
    ///
    /// Returns `false`, with nothing changed, if the target stands. Throws `noSuchFileOrDirectory` if the source has
    /// gone, and whatever else the call does. Atomic: after a crash the file has one of the two names.
    public func move(_ name: String, to target: Directory, as newName: String) throws(Errno) -> Bool {
        try name.withPath { (name) throws(Errno) in
            try newName.withPath { (newName) throws(Errno) in
                try moveWithoutReplacing(name, to: target, as: newName)
            }
        }
    }

    /// The same in one call, for a source that somebody else may replace at any moment: `nil`, with nothing changed, where
    /// the file system has no such rename. The fallback's second step could then remove what it did not link.
    public func moveAtOnce(_ name: String, to target: Directory, as newName: String) throws(Errno) -> Bool? {
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
        _ name: String, to target: Directory, as newName: String
    ) throws(Errno) {
        _ = try retrying {
            name.withCString { name in
                newName.withCString { clinux_rename_noreplace(descriptor, name, target.descriptor, $0) }
            }
        }
    }

    /// ``move(_:to:as:)`` for a source name that need not be UTF-8.
    public func move(raw name: [UInt8], to target: Directory, as newName: String) throws(Errno) -> Bool {
        try moveWithoutReplacing(name.map { CChar(bitPattern: $0) } + [0], to: target, as: newName)
    }

    /// Renames over whatever stands under the new name.
    public func replace(_ newName: String, in target: Directory, with name: String) throws(Errno) {
        _ = try retrying { renameat(descriptor, name, target.descriptor, newName) }
    }

    /// Removes a file's name. Returns `false` if it had gone already.
    @discardableResult
    public func remove(_ name: String) throws(Errno) -> Bool {
        do {
            _ = try retrying { unlinkat(descriptor, name, 0) }
            return true
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// The same for a name that need not be UTF-8.
    @discardableResult
    public func remove(raw name: [UInt8]) throws(Errno) -> Bool {
        do {
            let name = name.map { CChar(bitPattern: $0) } + [0]
            _ = try retrying { unlinkat(descriptor, name, 0) }
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

    private func unsafeStatus(_ name: UnsafePointer<CChar>) throws(Errno) -> FileStatus? {
        var raw = stat()
        do {
            _ = try retrying { fstatat(descriptor, name, &raw, AT_SYMLINK_NOFOLLOW) }
            return FileStatus(raw)
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    /// Where the file system has no such rename (NFS, CephFS, many FUSE: `EINVAL`), `linkat(2)` is atomic and refuses
    /// a taken name just as well; the old name is removed after it, if it still names the same file. A crash between
    /// the two leaves one file under both names, which the spool's recovery merges.
    private func moveWithoutReplacing(
        _ name: UnsafePointer<CChar>, to target: Directory, as newName: UnsafePointer<CChar>
    ) throws(Errno) -> Bool {
        if movesByLink { return try moveByLink(name, to: target, as: newName) }
        do {
            _ = try retrying { clinux_rename_noreplace(descriptor, name, target.descriptor, newName) }
            return true
        } catch .fileExists {
            return false
        } catch .invalidArgument {
            return try moveByLink(name, to: target, as: newName)
        } catch {
            throw error
        }
    }

    private func moveByLink(
        _ name: UnsafePointer<CChar>, to target: Directory, as newName: UnsafePointer<CChar>
    ) throws(Errno) -> Bool {
        do {
            _ = try retrying { linkat(descriptor, name, target.descriptor, newName, 0) }
        } catch .fileExists {
            return false
        } catch .notPermitted {
            // Somebody else's file (protected_hardlinks), or a directory: only Billhook and people move files into the
            // spool's own directories, so looking first does.
            if try target.unsafeStatus(newName) != nil { return false }
            _ = try retrying { renameat(descriptor, name, target.descriptor, newName) }
            return true
        }
        if try unsafeStatus(name)?.identity == target.unsafeStatus(newName)?.identity {
            _ = try retrying { unlinkat(descriptor, name, 0) }
        }
        return true
    }
}
