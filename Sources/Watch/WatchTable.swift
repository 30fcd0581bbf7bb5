/// Which watch descriptor stands for which tag, and so what an event means to the caller. A pure value.
struct WatchTable {
    private var tags: [Int32: Int] = [:]

    mutating func add(watch: Int32, tag: Int) {
        tags[watch] = tag
    }

    /// The caller's event for `raw`; `nil` for what is no news: the echoes of a loss, and what was queued for a watch
    /// after it. After ``WatchEvent/lost(tag:)`` the kernel's watch has to be ended, as a moved directory still has it.
    mutating func receive(_ raw: RawEvent) -> WatchEvent? {
        if EventTranslation.isOverflow(mask: raw.mask) { return .overflow }
        guard let tag = tags[raw.watch] else { return nil }
        guard EventTranslation.isLoss(mask: raw.mask) else {
            return EventTranslation.entryEvent(mask: raw.mask, tag: tag, name: raw.name)
        }
        tags[raw.watch] = nil
        return .lost(tag: tag)
    }
}
