extension Watcher {
    /// One directory to watch, and what in it is worth a wake-up.
    ///
    /// Whatever the kinds, the loss of the directory itself is always reported (``WatchEvent/lost(tag:)``).
    public struct Interest: Sendable, Hashable {
        /// The directory; a relative path is resolved once, when the watch is added. A symbolic link is followed.
        public let path: String

        /// The caller's name for the directory in events, so that no event has to carry or compare a path.
        public let tag: Int

        /// The kinds of change to report.
        public let events: Kinds

        public init(path: String, tag: Int, events: Kinds) {
            self.path = path
            self.tag = tag
            self.events = events
        }
    }

    /// Kinds of change to the entries of a directory.
    public struct Kinds: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Entries that appear, or whose writer has closed them.
        public static let arrivals = Kinds(rawValue: 1)

        /// Entries that are unlinked or renamed away.
        public static let removals = Kinds(rawValue: 2)

        /// Changes of mode, owner, times or link count.
        public static let attributes = Kinds(rawValue: 4)
    }
}
