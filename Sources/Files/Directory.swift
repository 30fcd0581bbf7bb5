internal import CLinux
internal import Glibc
public import SystemPackage

/// An open directory: every call below names files relative to it, so a spool that is renamed while it is served stays
/// the same spool, and no call walks a long path.
///
/// The descriptor stays open as long as any copy of the value's `Handle` lives.
public struct Directory: Sendable {
    final class Handle: Sendable {
        let descriptor: Int32

        init(descriptor: Int32) {
            self.descriptor = descriptor
        }

        deinit {
            Glibc.close(descriptor)
        }
    }

    let handle: Handle
    /// Whether files leave this directory by a second link and the removal of the first; see ``movingByLink()``.
    public let movesByLink: Bool
    /// What ``rememberingNames(quietFor:)`` has seen.
    let remembered: RememberedNames?

    var descriptor: Int32 { handle.descriptor }

    /// Opens the directory at a path. Throws what `open(2)` does: `noSuchFileOrDirectory`, `notDirectory`,
    /// `permissionDenied`…
    public init(_ path: FilePath) throws(Errno) {
        let descriptor = try retrying {
            path.withPlatformString { clinux_openat(AT_FDCWD, $0, clinux_o_directory_path, 0) }
        }
        handle = Handle(descriptor: descriptor)
        movesByLink = false
        remembered = nil
    }

    private init(_ handle: Handle, movesByLink: Bool, remembered: RememberedNames? = nil) {
        self.handle = handle
        self.movesByLink = movesByLink
        self.remembered = remembered
    }

    /// The same directory on a file system that was found to have no rename which refuses a taken name: that is not tried
    /// each time then, and not believed where it lies.
    public func movingByLink() -> Directory {
        Directory(handle, movesByLink: true, remembered: remembered)
    }

    /// The same directory, which remembers its names while nothing changes in it, if they are few: ``contains(_:)`` of a name
    /// that is not there then takes one `fstat(2)`, where a look for it makes the kernel remember and forget the name.
    ///
    /// The same one where a change does not show in a directory's times at once (network file systems).
    ///
    /// - Parameter quietFor: how long it must not have changed before its names are listed; two seconds where its times are
    ///   whole seconds. Less than the grain of the times, which is a tick of the kernel's clock, and a change in the moment of
    ///   the listing would not show.
    public func rememberingNames(quietFor age: Duration = .milliseconds(100)) -> Directory {
        guard clinux_directory_times_tell(descriptor) == 1 else { return self }
        return Directory(handle, movesByLink: movesByLink, remembered: RememberedNames(quietFor: age))
    }

    /// Opens a directory inside this one.
    ///
    /// - Parameter followingLinks: `false` throws `notDirectory` for a symbolic link, whatever it leads to.
    public func directory(_ name: String, followingLinks: Bool = true) throws(Errno) -> Directory {
        let flags = clinux_o_directory_path | (followingLinks ? 0 : O_NOFOLLOW)
        let opened = try retrying { clinux_openat(descriptor, name, flags, 0) }
        return Directory(Handle(descriptor: opened), movesByLink: movesByLink)
    }

    /// Creates a directory inside this one unless it stands already. Returns whether it is new.
    @discardableResult
    public func make(_ name: String, mode: UInt32 = 0o777) throws(Errno) -> Bool {
        do {
            _ = try retrying { mkdirat(descriptor, name, mode) }
            return true
        } catch .fileExists {
            return false
        }
    }

    /// Flushes the directory itself: what was created in, renamed into or removed from it before is then durable.
    public func sync() throws(Errno) {
        _ = try retrying { fsync(descriptor) }
    }

    /// Flushes the whole file system that the directory is on (`syncfs(2)`), other programs' files too. Throws what could
    /// not be written since the directory was opened or this was called last, if ``flushTellsFailures`` says so; and
    /// `readOnlyFileSystem` where it can't be written now: ext4 and btrfs become so when their journal fails, and the call
    /// then has nothing to do and no failure to tell of.
    public func flushFileSystem() throws(Errno) {
        _ = try retrying { clinux_syncfs(descriptor) }
        if try room().isReadOnly { throw .readOnlyFileSystem }
    }

    /// Whether ``flushFileSystem()`` tells of every failure: only then is what was written before it durable after it.
    public var flushTellsFailures: Bool { clinux_syncfs_tells(descriptor) == 1 }
}

/// Repeats a call while a signal interrupts it, and turns -1 into the thrown `errno`: the one place for both.
@inline(__always)
func retrying(_ call: () -> Int32) throws(Errno) -> Int32 {
    while true {
        let result = call()
        if result != -1 { return result }
        let code = Errno(rawValue: errno)
        if code != .interrupted { throw code }
    }
}

@inline(__always)
func retryingSize(_ call: () -> Int) throws(Errno) -> Int {
    while true {
        let result = call()
        if result != -1 { return result }
        let code = Errno(rawValue: errno)
        if code != .interrupted { throw code }
    }
}
