/// Something that happened in a watched directory: a wake-up, never the truth. The truth is what a scan finds.
///
/// Names are bytes, as the kernel gives them: they need not be UTF-8, and may hold any byte but `/` and zero.
public enum WatchEvent: Sendable, Hashable {
    /// An entry appeared, or its writer closed it.
    case arrived(tag: Int, name: [UInt8], how: Arrival)

    /// An entry was unlinked or renamed away.
    case removed(tag: Int, name: [UInt8])

    /// An entry's mode, owner, times or link count changed; with an empty name, those of the directory itself.
    case touched(tag: Int, name: [UInt8])

    /// The kernel's queue was full and events were lost, of any directory: scan everything.
    case overflow

    /// The directory itself was removed, moved or unmounted; its watch is gone, and this is the last event of its tag
    /// until ``Watcher/add(_:)`` watches a directory under that tag again.
    case lost(tag: Int)

    /// How an entry appeared, which says whether it can be complete.
    public enum Arrival: Sendable, Hashable {
        /// It was created: a finished file that was linked in (Maildir, `O_TMPFILE`), a symbolic link, a FIFO or a
        /// directory; or an empty file whose writer has only begun. The event alone can't tell.
        case created

        /// Somebody who had it open for writing closed it.
        case written

        /// It was renamed into the directory, or within it. Somebody may still have it open for writing.
        case movedIn
    }
}
