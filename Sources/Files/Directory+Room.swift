internal import CLinux
internal import Glibc
public import SystemPackage

extension Directory {
    /// How much room its file system has (`fstatvfs(3)`). Throws what the call does; a network file system may keep it
    /// waiting.
    public func room() throws(Errno) -> DiskRoom {
        var raw = statvfs()
        _ = try retrying { fstatvfs(descriptor, &raw) }
        return DiskRoom(
            freeBytes: bytes(UInt64(raw.f_bavail), of: UInt64(raw.f_frsize)),
            bytes: bytes(UInt64(raw.f_blocks), of: UInt64(raw.f_frsize)),
            freeInodes: UInt64(raw.f_favail), inodes: UInt64(raw.f_files),
            isReadOnly: raw.f_flag & UInt(ST_RDONLY) != 0)
    }

    /// A file system may name any number for "without end".
    private func bytes(_ blocks: UInt64, of size: UInt64) -> UInt64 {
        let (product, overflow) = blocks.multipliedReportingOverflow(by: size)
        return overflow ? .max : product
    }

    /// Which directory it is, wherever it has been moved to.
    public func identity() throws(Errno) -> FileIdentity {
        var raw = stat()
        _ = try retrying { fstat(descriptor, &raw) }
        return FileStatus(raw).identity
    }

    /// Lets two names that both stand in this directory change places (`renameat2(2)`, `RENAME_EXCHANGE`): atomic, and
    /// possible on a full disk. Throws `invalidArgument` where the file system has no such rename.
    public func exchange(_ name: String, _ other: String) throws(Errno) {
        _ = try retrying { clinux_rename_exchange(descriptor, name, other) }
    }
}

extension Errno {
    /// The disk, or the user's share of it, is full: of bytes, of inodes, or of names in one directory.
    public var isOutOfSpace: Bool { self == .noSpace || self == .diskQuotaExceeded }

    /// Whether the system refused this one file, such as one in a sticky directory of somebody else's or on a bad sector,
    /// and would not refuse another.
    public var concernsOneFile: Bool {
        [
            .permissionDenied, .notPermitted, .resourceBusy, .isDirectory, .notDirectory, .directoryNotEmpty,
            .invalidArgument, .fileNameTooLong, .ioError,
        ].contains(self)
    }

    /// This process, or the system, has no descriptor left.
    public var isOutOfDescriptors: Bool { self == .tooManyOpenFiles || self == .tooManyOpenFilesInSystem }
}
