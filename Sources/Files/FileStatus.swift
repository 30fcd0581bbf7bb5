internal import Glibc
public import Times

/// What a file is, as `fstatat(2)` tells it.
public struct FileStatus: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case regular, directory, other
    }

    public let kind: Kind
    /// Bytes.
    public let size: Int
    public let identity: FileIdentity
    public let modified: Timestamp
    /// When its inode was last changed: by a rename, too.
    public let changed: Timestamp
    /// The numeric user that owns it.
    public let owner: UInt32
    public let linkCount: UInt64

    init(_ raw: stat) {
        kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            default: .other
            }
        size = Int(raw.st_size)
        identity = FileIdentity(device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino))
        modified = Timestamp(seconds: raw.st_mtim.tv_sec, nanoseconds: raw.st_mtim.tv_nsec)
        changed = Timestamp(seconds: raw.st_ctim.tv_sec, nanoseconds: raw.st_ctim.tv_nsec)
        owner = raw.st_uid
        linkCount = UInt64(raw.st_nlink)
    }
}

/// Which file it is, whatever its name: two names with one identity are one file.
public struct FileIdentity: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64
}

/// The numeric user with whose rights this process opens files (`geteuid(2)`).
public func effectiveUser() -> UInt32 {
    geteuid()
}
