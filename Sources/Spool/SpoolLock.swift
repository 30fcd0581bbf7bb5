internal import Files
internal import SystemPackage

/// The right to serve a spool: one process at a time holds it, and loses it with its life.
///
/// Advisory locks (`fcntl(2)`, `F_OFD_SETLK`) on two files. `.billhook/lock` names the holder for whoever comes second, and its
/// content means nothing by itself. People remove such files, and a second process would then lock a new one; so
/// `.billhook/id` is locked as well, which a spool can't do without.
public struct SpoolLock: ~Copyable {
    private let files: [LockedFile]

    /// Keeps a file open, and so its lock.
    private final class LockedFile: Sendable {
        private let file: File

        /// `nil` while another process has the lock.
        init?(_ file: consuming File) throws(Errno) {
            guard try file.lock() else { return nil }
            self.file = file
        }

        /// Over what the last holder wrote, whose block it takes over. On a full disk that has none the lock is held all
        /// the same.
        func name(_ holder: String) throws(Errno) {
            let content = Array((holder + "\n").utf8)
            do throws(Errno) {
                try file.write(content)
                try file.truncate(to: content.count)
            } catch {
                guard error.isOutOfSpace else { throw error }
            }
        }
    }

    /// Takes the lock. Throws `locked`, naming the holder, while another process has it.
    public init(_ spool: Spool, holder: String) throws(SpoolError) {
        do throws(Errno) {
            let file = try File.lockable("lock", in: spool.own)
            // Root's may be the first: whoever serves the spool later has to open it for writing.
            try file.give(toOwnerOf: spool.own)
            if let lock = try LockedFile(file),
                let others = try SpoolLock.lockIdentity(of: spool)
            {
                try lock.name(holder)
                files = [lock] + others
                return
            }
        } catch {
            throw .file(spool.path, name: ".billhook/lock", error)
        }
        throw .locked(spool.path, holder: SpoolLock.holder(of: spool))
    }

    /// `nil` while another process has it; empty where this user may not write it, so that it can't be locked either.
    private static func lockIdentity(of spool: Spool) throws(Errno) -> [LockedFile]? {
        do throws(Errno) {
            let file = try File.lockable(Spool.idName, in: spool.own, creating: false)
            return try LockedFile(file).map { [$0] }
        } catch .permissionDenied {
            return []
        }
    }

    /// Who serves the spool at this moment, or `nil` if nobody does.
    public static func currentHolder(of spool: Spool) -> String? {
        for name in ["lock", Spool.idName] {
            // Opened for reading: whoever may look at the spool may ask, and nothing is created by it.
            if let probe = try? File.reading(name, in: spool.own), (try? probe.isLocked()) ?? false {
                return holder(of: spool)
            }
        }
        return nil
    }

    /// What a daemon calls itself in the lock.
    public static func holderName(processID: Int32) -> String { "process \(processID)" }

    private static func holder(of spool: Spool) -> String {
        guard let content = try? spool.own.read("lock", upTo: 256), !content.isEmpty else {
            return "another process (somebody removed .billhook/lock, which named it)"
        }
        return String(decoding: content.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
