internal import Glibc
internal import SystemPackage

/// The system calls that only `check` needs.
enum CheckSystem {
    /// The permission bits of a file or directory.
    static func mode(_ path: FilePath) throws(Errno) -> UInt32 {
        var status = stat()
        guard unsafe stat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        return status.st_mode & 0o7777
    }

    /// Whether this process has the right to list, enter and write a directory (`faccessat(2)` with its effective user);
    /// a file system that is mounted read-only is another matter.
    static func mayUse(_ path: FilePath) -> Bool {
        unsafe faccessat(AT_FDCWD, path.string, R_OK | W_OK | X_OK, AT_EACCESS) == 0 || errno == EROFS
    }

    static func room(_ path: FilePath) throws(Errno) -> CheckRoom {
        var raw = statvfs()
        guard unsafe statvfs(path.string, &raw) == 0 else { throw Errno(rawValue: errno) }
        return CheckRoom(
            freeBytes: UInt64(raw.f_bavail) * UInt64(raw.f_frsize), bytes: UInt64(raw.f_blocks) * UInt64(raw.f_frsize),
            freeInodes: UInt64(raw.f_favail), inodes: UInt64(raw.f_files))
    }

    /// Lets what is in motion come to rest.
    static func pause(milliseconds: UInt32) {
        usleep(milliseconds * 1000)
    }
}
