public import Files
public import SystemPackage

/// How much of what Billhook has taken must outlive what.
public enum Durability: String, Sendable, CaseIterable {
    /// A power cut: every step is flushed before the next one relies on it.
    case full
    /// A crash of the process only: nothing is flushed.
    case process
}

/// What a batch of transitions has written and not yet flushed: a group commit.
///
/// Many transitions put their files and directories in, one `flush()` makes them all durable, and only then does any of
/// them go on. Files are flushed before the directories that name them, or everything at once. Under `process` nothing is
/// kept or flushed.
public struct Commit {
    public let durability: Durability
    private let whole: WholeFlush?
    private var files: [SharedFile] = []
    private var states: Set<State> = []
    private var archiveDays: Set<String> = []

    /// - Parameter whole: how a large batch is flushed at once; `nil` flushes file by file.
    public init(_ durability: Durability, whole: WholeFlush? = nil) {
        self.durability = durability
        self.whole = whole
    }

    /// Flushes the file with the batch and closes it then; closes it at once if nothing is flushed.
    public mutating func add(_ file: consuming File) {
        if durability == .full { files.append(SharedFile(file)) }
    }

    /// Flushes with the batch a file that somebody else holds, too.
    public mutating func add(_ file: SharedFile) {
        if durability == .full { files.append(file) }
    }

    /// Flushes with the batch what was created in, or renamed into, the directory of a state.
    public mutating func add(_ state: State) {
        if durability == .full { states.insert(state) }
    }

    /// Flushes with the batch what was moved to a day's folder in the archive, and the folder itself, which may be new.
    ///
    /// - Parameter day: a UTC day, `2026-11-21`.
    public mutating func add(archiveDay day: String) {
        if durability == .full { archiveDays.insert(day) }
    }

    /// Flushes and forgets everything put in so far.
    ///
    /// Throws what `fsync(2)` or `syncfs(2)` does. What was to be flushed must then be taken as not durable: the kernel
    /// reports a failed write once and may drop the data.
    public mutating func flush(_ spool: Spool) throws(Errno) {
        defer {
            files.removeAll(keepingCapacity: true)
            states.removeAll(keepingCapacity: true)
            archiveDays.removeAll()
        }
        let count = files.count + states.count + archiveDays.count
        if count == 0 { return }
        guard let whole else { return try flushEach(spool) }
        try whole.flush(count) { () throws(Errno) in try flushEach(spool) }
    }

    private func flushEach(_ spool: Spool) throws(Errno) {
        for shared in files { try shared.file.sync() }
        // Before the states that they came from: a file may have two names for a while, but never none.
        for day in archiveDays { try sync(day, in: spool.archive) }
        if !archiveDays.isEmpty { try spool.archive.sync() }
        for state in states { try spool.directory(state).sync() }
    }

    private func sync(_ day: String, in archive: Directory) throws(Errno) {
        do throws(Errno) {
            try archive.directory(day).sync()
        } catch .noSuchFileOrDirectory {
            // Somebody took the whole day away, and with it what was to be flushed.
        }
    }
}
