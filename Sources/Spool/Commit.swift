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
/// them go on. Files are flushed before the directories that name them. Under `process` nothing is kept or flushed.
public struct Commit {
    private final class Held {
        let file: File

        init(_ file: consuming File) {
            self.file = file
        }
    }

    public let durability: Durability
    private var files: [Held] = []
    private var states: Set<State> = []

    public init(_ durability: Durability) {
        self.durability = durability
    }

    /// Flushes the file with the batch and closes it then; closes it at once if nothing is flushed.
    public mutating func add(_ file: consuming File) {
        if durability == .full { files.append(Held(file)) }
    }

    /// Flushes with the batch what was created in, or renamed into, the directory of a state.
    public mutating func add(_ state: State) {
        if durability == .full { states.insert(state) }
    }

    /// Flushes and forgets everything put in so far.
    ///
    /// Throws what `fsync(2)` does. What was to be flushed must then be taken as not durable: the kernel reports a
    /// failed write once and may drop the data.
    public mutating func flush(_ spool: Spool) throws(Errno) {
        defer {
            files.removeAll(keepingCapacity: true)
            states.removeAll(keepingCapacity: true)
        }
        for held in files { try held.file.sync() }
        for state in states { try spool.directory(state).sync() }
    }
}
