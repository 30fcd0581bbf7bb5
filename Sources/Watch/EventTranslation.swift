internal import CInotifyTools

/// What the bits of inotify(7) mean here: the kinds of an interest as a mask, the mask of an event as a ``WatchEvent``.
enum EventTranslation {
    /// Bits after which a watch is of no use. An unmount and a removal send `IN_IGNORED` too; a move does not.
    private static let lossBits = bits(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)

    /// The mask to watch a directory with.
    ///
    /// `IN_MASK_CREATE` (Linux 4.18) makes a second watch of the same inode an error: without it the kernel silently
    /// replaces the mask of the first and answers with the same watch descriptor, and one of two tags hears nothing.
    static func mask(for kinds: Watcher.Kinds) -> Int32 {
        var mask = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_CREATE
        if kinds.contains(.arrivals) { mask |= IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE }
        if kinds.contains(.removals) { mask |= IN_DELETE | IN_MOVED_FROM }
        if kinds.contains(.attributes) { mask |= IN_ATTRIB }
        return mask
    }

    static func isOverflow(mask: UInt32) -> Bool { mask & bits(IN_Q_OVERFLOW) != 0 }

    static func isLoss(mask: UInt32) -> Bool { mask & lossBits != 0 }

    /// The event for a mask that is neither an overflow nor a loss; `nil` for bits nobody asked for.
    static func entryEvent(mask: UInt32, tag: Int, name: [UInt8]) -> WatchEvent? {
        if mask & bits(IN_MOVED_TO) != 0 { return .arrived(tag: tag, name: name, how: .movedIn) }
        if mask & bits(IN_CLOSE_WRITE) != 0 { return .arrived(tag: tag, name: name, how: .written) }
        if mask & bits(IN_CREATE) != 0 { return .arrived(tag: tag, name: name, how: .created) }
        if mask & bits(IN_DELETE | IN_MOVED_FROM) != 0 { return .removed(tag: tag, name: name) }
        if mask & bits(IN_ATTRIB) != 0 { return .touched(tag: tag, name: name) }
        return nil
    }

    private static func bits(_ flags: Int32) -> UInt32 { UInt32(bitPattern: flags) }
}
