/// How much room a file system has for users other than root, as `statvfs(3)` tells it.
public struct DiskRoom: Sendable, Equatable {
    public let freeBytes: UInt64
    /// 0 where there is no bound (a tmpfs without `size=`).
    public let bytes: UInt64
    /// Files that can still be made: these run out before the bytes where files are small.
    public let freeInodes: UInt64
    /// 0 where the file system makes inodes as it needs them (btrfs).
    public let inodes: UInt64
    public let isReadOnly: Bool

    public init(freeBytes: UInt64, bytes: UInt64, freeInodes: UInt64, inodes: UInt64, isReadOnly: Bool = false) {
        self.freeBytes = freeBytes
        self.bytes = bytes
        self.freeInodes = freeInodes
        self.inodes = inodes
        self.isReadOnly = isReadOnly
    }

    /// Whether so much is free; what has no bound always is.
    public func has(bytes wanted: UInt64, inodes wantedInodes: UInt64) -> Bool {
        (bytes == 0 || freeBytes >= wanted) && (inodes == 0 || freeInodes >= wantedInodes)
    }
}
