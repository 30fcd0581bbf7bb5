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

    /// Lets what is in motion come to rest: a daemon beside a check tells nobody when it has finished a move.
    static func pause(milliseconds: UInt32) {
        usleep(milliseconds * 1000)
    }
}
