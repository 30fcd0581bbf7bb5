internal import Files
internal import Synchronization
internal import SystemPackage

/// Flushes the file system of a spool as a whole (`syncfs(2)`), where that costs less than a batch file by file.
///
/// Of many `fsync(2)` each waits for the disk by itself, even where a neighbour's has committed the same journal transaction:
/// 256 small files took 750 ms so and 8 ms as a whole (ext4 on a loop device). But the whole also waits for what other
/// programs have written and not flushed, so what each has taken lately decides.
public final class WholeFlush: Sendable {
    private let directory: Directory
    private let costs = Mutex(FlushCosts())

    /// `nil` where a flush of the whole would not tell of each failure: on other file systems than ext4, XFS and btrfs, on
    /// Linux before 5.17, and where it can't be known.
    ///
    /// A failure is told once to each opened descriptor, and only if it came after the opening: so each thread makes its own
    /// of these, and makes it before it writes.
    public init?(_ spool: Spool) {
        guard let directory = try? spool.own.directory("."), directory.flushTellsFailures else { return nil }
        self.directory = directory
    }

    /// Flushes a batch in the cheaper way.
    ///
    /// - Parameters:
    ///   - count: how many files and directories it has.
    ///   - each: flushes them one by one.
    func flush(_ count: Int, each: () throws(Errno) -> Void) throws(Errno) {
        let start = ContinuousClock.now
        if costs.withLock({ $0.prefersWhole(to: count) }) {
            try directory.flushFileSystem()
            costs.withLock { $0.tookWhole(ContinuousClock.now - start) }
        } else {
            try each()
            costs.withLock { $0.took(ContinuousClock.now - start, for: count) }
        }
    }
}
