internal import Files
internal import Settle
public import Spool
public import SystemPackage
public import Times

/// Moves done requests past the idempotency window to the archive, and deletes old days from it, by hand.
public enum Archivist {
    /// What a walk over done/ came to.
    public struct Result: Sendable, Equatable {
        public internal(set) var archived: [Key] = []
        /// Requests whose window has not passed.
        public internal(set) var early = 0
        /// Requests that the file system refuses to move, alone or with others: they stay in done/.
        public internal(set) var refused: [Refusal] = []
        /// What was deleted from the archive; `nil` if that was not asked for, or something stays that should be in it.
        public internal(set) var deletion: ArchiveDeletion?
        /// Whether nothing was moved, but only looked at.
        public let isDry: Bool

        /// Names the requests that should be in the archive and stay in done/; `nil` if there are none.
        public var complaint: OperateError? {
            guard let first = refused.first else { return nil }
            let named = refused.prefix(Result.mostNamed).map { "\($0.key) (\($0.code))" }.joined(separator: ", ")
            let others = refused.count > Result.mostNamed ? " and \(refused.count - Result.mostNamed) more" : ""
            return OperateError(
                OperateError(first.code, problem: "").kind,
                "In done/ stays what can't be moved to the archive: \(named)\(others). Check owner and mode of done/, of "
                    + "archive/ and of the days in it, then do it again; until then no day is deleted.")
        }

        private static let mostNamed = 20
    }

    /// A request that can't be moved, and why.
    public struct Refusal: Sendable, Equatable {
        public let key: Key
        public let code: Errno
    }

    /// Walks over done/ once, a batch at a time, and then over the archive if something is to be deleted from it.
    ///
    /// A daemon archives by itself, in the lanes in which it claims, so that a key is never claimed and archived at once;
    /// beside one this throws `tryAgain`. Throws `inputOutput` and the like where the file system refuses all of it; what it
    /// refuses of single requests is in the result, and does not hold up the others.
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
        // As a daemon has it: nothing is deleted from under a move that has not been finished.
        if let deleteAfter, result.refused.isEmpty {
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
            do throws(Errno) {
                for name in names { try take(name, archiver, now: now, &result, &commit) }
            } catch {
                // What has been moved stays moved, whatever ends the walk.
                try commit.flush(spool)
                throw error
            }
            try commit.flush(spool)
        }
        return result
    }

    private static func take(
        _ name: [UInt8], _ archiver: Archiver, now: Timestamp, _ result: inout Result, _ commit: inout Commit
    ) throws(Errno) {
        guard let key = Archiver.key(ofDoneName: name) else { return }
        do throws(Errno) {
            guard try archiver.mayBeDue(key, now: now) else {
                result.early += 1
                return
            }
            if result.isDry {
                result.archived.append(key)
            } else if case .archived = try archiver.archive(key, now: now, commit: &commit) {
                result.archived.append(key)
            }
        } catch {
            guard error.concernsOneFile else { throw error }
            result.refused.append(Refusal(key: key, code: error))
        }
    }
}
