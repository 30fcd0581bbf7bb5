internal import Files
internal import SystemPackage

/// The right to serve a spool: one process at a time holds it, and loses it with its life.
///
/// An advisory lock (`fcntl(2)`, `F_OFD_SETLK`) on `.billhook/lock`; the file's content names the holder for whoever comes second, and
/// means nothing by itself.
public struct SpoolLock: ~Copyable {
    private let file: File

    /// Takes the lock. Throws `locked`, naming the holder, while another process has it.
    public init(_ spool: Spool, holder: String) throws(SpoolError) {
        file = try SpoolLock.take(spool, as: holder)
    }

    private static func take(_ spool: Spool, as name: String) throws(SpoolError) -> File {
        do throws(Errno) {
            let file = try File.lockable("lock", in: spool.own)
            if try file.lock() {
                try sign(file, name)
                return file
            }
        } catch {
            throw .file(spool.path, name: ".billhook/lock", error)
        }
        throw .locked(spool.path, holder: holder(of: spool) ?? "another process")
    }

    /// Over what the last holder wrote, whose block it takes over. On a full disk that has none the lock is held all the same.
    private static func sign(_ file: borrowing File, _ name: String) throws(Errno) {
        let content = Array((name + "\n").utf8)
        do throws(Errno) {
            try file.write(content)
            try file.truncate(to: content.count)
        } catch {
            guard error.isOutOfSpace else { throw error }
        }
    }

    /// Who serves the spool at this moment, or `nil` if nobody does.
    public static func currentHolder(of spool: Spool) -> String? {
        do throws(Errno) {
            // Opened for reading: whoever may look at the spool may ask, and nothing is created by it.
            let probe = try File.reading("lock", in: spool.own)
            return try probe.isLocked() ? holder(of: spool) ?? "another process" : nil
        } catch {
            return nil
        }
    }

    /// What a daemon calls itself in the lock.
    public static func holderName(processID: Int32) -> String { "process \(processID)" }

    private static func holder(of spool: Spool) -> String? {
        guard let content = try? spool.own.read("lock", upTo: 256), !content.isEmpty else { return nil }
        return String(decoding: content.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
