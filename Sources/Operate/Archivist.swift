internal import Files
internal import Settle
public import Spool
internal import SystemPackage
public import Times

/// Moves done requests past the idempotency window to the archive, and deletes old days from it, by hand.
public enum Archivist {
    /// What a walk over done/ came to.
    public struct Result: Sendable, Equatable {
        public internal(set) var archived: [Key] = []
        /// Requests whose window has not passed.
        public internal(set) var early = 0
        /// What was deleted from the archive; `nil` if that was not asked for.
        public internal(set) var deletion: ArchiveDeletion?
        /// Whether nothing was moved, but only looked at.
        public let isDry: Bool
    }

    /// Walks over done/ once, a batch at a time, and then over the archive if something is to be deleted from it.
    ///
    /// A daemon archives by itself, in the lanes in which it claims, so that a key is never claimed and archived at once;
    /// beside one this throws `tryAgain`. Throws `inputOutput` and the like where the file system refuses.
    ///
    /// - Parameters:
    ///   - window: how long a done request keeps its key after it was processed.
    ///   - deleteAfter: how long ago a day must have ended to be deleted from the archive; `nil` for never.
    public static func archive(
        _ spool: Spool, window: Duration, deleteAfter: Duration? = nil, now: Timestamp, dryRun: Bool
    ) throws(OperateError) -> Result {
        let lock = try lock(spool)
        defer { withExtendedLifetime(lock) {} }
        var result = try explaining("done/ can't be archived") { () throws(Errno) in
            try walk(spool, Archiver(spool, window: window), now: now, Result(isDry: dryRun))
        }
        if let deleteAfter {
            var deleter = ArchiveDeleter(spool, after: deleteAfter, isDry: dryRun)
            result.deletion = try explaining("archive/ can't be deleted from") { () throws(Errno) in
                try ArchiveDeletion(by: &deleter, now: now)
            }
        }
        return result
    }

    private static func lock(_ spool: Spool) throws(OperateError) -> SpoolLock {
        do throws(SpoolError) {
            return try SpoolLock(spool, holder: "billhook archive")
        } catch {
            guard case .locked = error else { throw OperateError(error) }
            throw OperateError(.tryAgain, "\(error) A daemon archives by itself; see --idempotency-window of 'run'.")
        }
    }

    private static func walk(
        _ spool: Spool, _ archiver: Archiver, now: Timestamp, _ start: Result
    ) throws(Errno) -> Result {
        var result = start
        let scan = try DirectoryScan(spool.done)
        while case let names = try scan.next(512), !names.isEmpty {
            var commit = Commit(.full)
            for name in names {
                guard let key = Archiver.key(ofDoneName: name) else { continue }
                guard try archiver.mayBeDue(key, now: now) else {
                    result.early += 1
                    continue
                }
                if result.isDry {
                    result.archived.append(key)
                } else if case .archived = try archiver.archive(key, now: now, commit: &commit) {
                    result.archived.append(key)
                }
            }
            try commit.flush(spool)
        }
        return result
    }
}
