internal import CLinux
internal import Glibc
public import SystemPackage
public import Times

/// An open file that closes itself.
public struct File: ~Copyable, Sendable {
    let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Opens somebody else's file for reading: follows no symlink, never blocks on a FIFO, never becomes a
    /// controlling terminal. Throws `tooManySymbolicLinkLevels` for a symlink, `noSuchFileOrDirectory` if it has gone.
    public static func reading(_ name: some FileNaming, in directory: Directory) throws(Errno) -> File {
        File(
            descriptor: try retrying {
                name.withPath { clinux_openat(directory.descriptor, $0, clinux_o_read_drop, 0) }
            })
    }

    /// Opens a file that an operator names for reading, through symbolic links; never blocks on a FIFO.
    public static func following(_ path: FilePath) throws(Errno) -> File {
        let flags = clinux_o_read_drop & ~O_NOFOLLOW
        return File(
            descriptor: try retrying { path.withPlatformString { clinux_openat(AT_FDCWD, $0, flags, 0) } })
    }

    /// Creates a file that must not stand yet (`fileExists`).
    public static func creating(_ name: some FileNaming, in directory: Directory, mode: UInt32 = 0o666) throws(Errno)
        -> File
    {
        try opening(name, in: directory, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    }

    /// Opens a file for appending, and creates it if need be.
    public static func appending(_ name: some FileNaming, in directory: Directory) throws(Errno) -> File {
        try opening(name, in: directory, flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o666)
    }

    /// Opens a file for writing from its beginning: empty, and created if need be.
    public static func replacing(_ name: some FileNaming, in directory: Directory) throws(Errno) -> File {
        try opening(name, in: directory, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666)
    }

    /// Opens a file for writing over what it holds, and creates it if need be: the blocks that it has stay its own, so
    /// that as many bytes can be written on a full disk.
    public static func overwriting(_ name: some FileNaming, in directory: Directory) throws(Errno) -> File {
        try opening(name, in: directory, flags: O_WRONLY | O_CREAT, mode: 0o666)
    }

    /// Opens a file to lock it, and creates it if need be unless told otherwise; its content is kept.
    public static func lockable(
        _ name: some FileNaming, in directory: Directory, creating: Bool = true
    ) throws(Errno) -> File {
        try opening(name, in: directory, flags: O_RDWR | (creating ? O_CREAT : 0), mode: 0o666)
    }

    private static func opening(
        _ name: some FileNaming, in directory: Directory, flags: Int32, mode: UInt32
    ) throws(Errno) -> File {
        let all = flags | O_CLOEXEC | O_NOFOLLOW
        return File(
            descriptor: try retrying { name.withPath { clinux_openat(directory.descriptor, $0, all, mode) } })
    }

    public func status() throws(Errno) -> FileStatus {
        var raw = stat()
        _ = try retrying { fstat(descriptor, &raw) }
        return FileStatus(raw)
    }

    /// Reads from the beginning up to the end of the file or to `limit` bytes, whichever comes first.
    ///
    /// `expected` is a guess of the size; one byte more than it is asked for, so that a file of that size takes one
    /// `read(2)` and a second that finds the end only where the first came short.
    public func read(upTo limit: Int, expecting expected: Int) throws(Errno) -> [UInt8] {
        var capacity = min(limit, max(expected, 0)) + 1
        var result: [UInt8] = []
        while true {
            let wanted = min(capacity, limit - result.count)
            if wanted <= 0 { return result }
            let offset = result.count
            var failure: Errno?
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
                do throws(Errno) {
                    count = try retryingSize { pread(descriptor, buffer.baseAddress, wanted, offset) }
                } catch {
                    failure = error
                }
                initialized = count
            }
            if let failure { throw failure }
            if result.isEmpty { result = chunk } else { result += chunk }
            if count < wanted && (count == 0 || result.count == expected) { return result }
            capacity = 65_536
        }
    }

    /// Writes all bytes at the file's position (at its end, if it was opened for appending).
    ///
    /// Throws `noSpace` and the like when the rest could not be written; what was written before then stays.
    public func write(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        try write(bytes, written: &written)
    }

    private func write(_ bytes: [UInt8], written: inout Int) throws(Errno) {
        while written < bytes.count {
            let rest = written
            written += try retryingSize {
                bytes.withUnsafeBytes { buffer in
                    Glibc.write(descriptor, buffer.baseAddress.map { $0 + rest }, bytes.count - rest)
                }
            }
        }
    }

    /// Writes all bytes at the end of a file that was opened for appending, and that nobody else writes.
    ///
    /// Throws what writing does. What was written of them is taken back then; only a crash leaves a part.
    public func append(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        do throws(Errno) {
            try write(bytes, written: &written)
        } catch {
            if written > 0, let size = try? status().size { try? truncate(to: size - written) }
            throw error
        }
    }

    /// Cuts the file off after `size` bytes; empties it unless told otherwise.
    public func truncate(to size: Int = 0) throws(Errno) {
        _ = try retrying { ftruncate(descriptor, size) }
    }

    /// Flushes content and metadata (`fsync(2)`); works on a read-only descriptor of somebody else's file too.
    public func sync() throws(Errno) {
        _ = try retrying { fsync(descriptor) }
    }

    /// Sets both of its times to now, as `touch` does: only that is told to who waits for changes of attributes, where
    /// ``setModified(_:)`` counts as one of the content (`inotify(7)`).
    public func touch() throws(Errno) {
        _ = try retrying { clinux_touch(descriptor) }
    }

    public func setModified(_ moment: Timestamp) throws(Errno) {
        _ = try retrying {
            clinux_set_modified(descriptor, moment.unixSeconds, moment.subsecondNanoseconds)
        }
    }

    /// Whether somebody has the file open for writing, told by a read lease (`fcntl(2)`, `F_SETLEASE`), which this
    /// descriptor holds from then on until it is closed: a writer that opens the file meanwhile waits that long.
    ///
    /// `nil` where no lease can be had: a foreign owner without `CAP_LEASE`, or a file system without leases.
    public func isBeingWritten() -> Bool? {
        do throws(Errno) {
            _ = try retrying { clinux_take_read_lease(descriptor) }
            return false
        } catch .resourceTemporarilyUnavailable {
            return true
        } catch {
            return nil
        }
    }

    /// Whether somebody waits to write the file until the lease that `isBeingWritten` took is given back. Such a writer
    /// has found the file already: it gets this one, wherever it has been renamed to meanwhile.
    public func isWantedByWriter() throws(Errno) -> Bool {
        try retrying { clinux_is_lease_wanted(descriptor) } == 1
    }

    /// Takes the file's exclusive lock (`fcntl(2)`, `F_OFD_SETLK`), held until the file is closed. Returns `false`
    /// while another open file holds it.
    public func lock() throws(Errno) -> Bool {
        do {
            _ = try retrying { clinux_lock_exclusively(descriptor) }
            return true
        } catch .resourceTemporarilyUnavailable {
            return false
        }
    }

    /// Whether another open file holds the exclusive lock; takes nothing itself.
    public func isLocked() throws(Errno) -> Bool {
        try retrying { clinux_is_locked(descriptor) } == 1
    }
}
