internal import Files
public import Spool
public import SystemPackage
public import Times

/// Deletes the days from the archive that ended longer ago than a span.
///
/// It goes on a few files at a time, so that whoever shares a thread or a disk with it does not wait; it deletes names
/// that Billhook puts there and nothing else, and follows no symbolic link. A crash leaves a folder with fewer files,
/// which the next walk goes on with. It belongs to one thread.
public struct ArchiveDeleter {
    let spool: Spool
    /// How long ago a day must have ended.
    public let after: Duration
    private let isDry: Bool
    /// The days that are still to come, the earliest last.
    private var days: [ArchiveDay] = []
    private var folder: ArchiveFolder?

    /// - Parameter isDry: only counts what would be deleted.
    public init(_ spool: Spool, after: Duration, isDry: Bool = false) {
        self.spool = spool
        self.after = after
        self.isDry = isDry
    }

    /// Files deleted in one step at most.
    public static let stepFiles = 64

    /// The next step; `nil` when no day is left whose time has come.
    ///
    /// - Parameter fromStart: looks for days anew, and begins with the earliest.
    ///
    /// Throws what the file system does, such as `readOnlyFileSystem`; the walk is over then, and the next one goes on.
    public mutating func step(
        fromStart: Bool, limit: Int = stepFiles, now: Timestamp
    ) throws(Errno) -> DeletionStep? {
        if fromStart {
            folder = nil
            days = try dueDays(now)
        }
        do throws(Errno) {
            while true {
                if var open = folder {
                    let step = try open.step(limit)
                    if case .goesOn = step.outcome { folder = open } else { folder = nil }
                    return step
                }
                guard let day = days.popLast() else { return nil }
                do throws(Errno) {
                    folder = try ArchiveFolder(day, in: spool.archive, isDry: isDry)
                } catch .noSuchFileOrDirectory {
                    continue
                } catch  where error.concernsOneName {
                    return DeletionStep(
                        day: day, files: 0, outcome: .left(files: 0, because: "it can't be opened (\(error))"))
                }
            }
        } catch {
            folder = nil
            days = []
            throw error
        }
    }

    private func dueDays(_ now: Timestamp) throws(Errno) -> [ArchiveDay] {
        try spool.archive.names()
            .compactMap { String(validating: $0, as: UTF8.self).flatMap(ArchiveDay.init) }
            .filter { $0.isOver(for: after, at: now) }
            .sorted(by: >)
    }
}

/// A day's folder while it is being emptied.
private struct ArchiveFolder {
    private let day: ArchiveDay
    private let archive: Directory
    private let directory: Directory
    private let isDry: Bool
    private var scan: DirectoryScan
    private var files = 0
    private var filesOfScan = 0
    private var objection: String?

    init(_ day: ArchiveDay, in archive: Directory, isDry: Bool) throws(Errno) {
        self.day = day
        self.archive = archive
        self.isDry = isDry
        directory = try archive.directory(day.name, followingLinks: false)
        scan = try DirectoryScan(directory)
    }

    mutating func step(_ limit: Int) throws(Errno) -> DeletionStep {
        let names = try scan.next(limit)
        let before = files
        for name in names where try delete(name) { files += 1 }
        filesOfScan += files - before
        let outcome = names.count == limit ? .goesOn : try finish()
        return DeletionStep(day: day, files: files - before, outcome: outcome)
    }

    private mutating func delete(_ name: [UInt8]) throws(Errno) -> Bool {
        guard ArchiveName.isOurs(name) else {
            object("\(DropName.escaped(name)) in it is nothing that Billhook put there")
            return false
        }
        do throws(Errno) {
            if isDry { return try directory.status(name)?.kind == .regular }
            return try directory.remove(name)
        } catch  where error.concernsOneName {
            object("\(DropName.escaped(name)) in it can't be deleted (\(error))")
            return false
        }
    }

    private mutating func object(_ reason: String) {
        objection = objection ?? reason
    }

    private mutating func finish() throws(Errno) -> DeletionStep.Outcome {
        if let objection { return .left(files: files, because: objection) }
        if isDry { return .gone(files: files) }
        do throws(Errno) {
            _ = try archive.removeDirectory(day.name)
            return .gone(files: files)
        } catch .directoryNotEmpty where filesOfScan > 0 {
            // Something came while it was read, or readdir(3) passed over a name: once more from the start.
            scan = try DirectoryScan(directory)
            filesOfScan = 0
            return .goesOn
        } catch .directoryNotEmpty {
            return .left(files: files, because: "something new stands in it")
        } catch  where error.concernsOneName {
            return .left(files: files, because: "the empty folder can't be deleted (\(error))")
        }
    }
}

extension Errno {
    /// Whether it says something of this one name, and nothing of the next.
    fileprivate var concernsOneName: Bool {
        [
            .isDirectory, .notDirectory, .notPermitted, .permissionDenied, .resourceBusy, .tooManySymbolicLinkLevels,
        ].contains(self)
    }
}
