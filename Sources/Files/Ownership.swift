internal import Glibc
public import SystemPackage

/// Root works in spools that other users serve, and what it makes there for them has to be theirs: a file of mode 0600 can't
/// be read by anybody else, and a folder of root's can't be written.
extension Directory {
    /// Creates a directory inside this one as ``make(_:mode:)`` does; a new one gets this one's owner and group if it is
    /// root that makes it. Returns whether it is new.
    @discardableResult
    public func makeOfItsOwner(_ name: String) throws(Errno) -> Bool {
        guard try make(name) else { return false }
        guard let (user, group) = try heir() else { return true }
        // By descriptor: whoever owns this directory could put a link to root's own files in its place by now.
        let made = try directory(name, followingLinks: false)
        _ = try retrying { fchown(made.descriptor, user, group) }
        return true
    }

    /// To whom root gives what it makes in here; `nil` if there is nothing to give away.
    fileprivate func heir() throws(Errno) -> (user: uid_t, group: gid_t)? {
        guard geteuid() == 0 else { return nil }
        var raw = stat()
        _ = try retrying { fstat(descriptor, &raw) }
        return raw.st_uid == 0 ? nil : (raw.st_uid, raw.st_gid)
    }
}

extension File {
    /// Gives a file that root made to the owner and the group of the directory that it is meant for; does nothing for any other
    /// user, and where root owns that directory, too.
    ///
    /// Call it before the rename that puts the file there, so that nobody meets it as root's.
    public func give(toOwnerOf directory: Directory) throws(Errno) {
        guard let (user, group) = try directory.heir() else { return }
        _ = try retrying { fchown(descriptor, user, group) }
    }
}
