/// What flushes have taken lately, one file after another and the whole file system at once: which way is the cheaper.
struct FlushCosts: Equatable {
    /// One file or directory.
    private(set) var each = Duration.milliseconds(1)
    /// The whole file system.
    private(set) var whole = Duration.milliseconds(4)

    /// So few are flushed one by one in any case: as the whole waits for other programs' data, a lone request is not to.
    static let few = 3

    func prefersWhole(to count: Int) -> Bool {
        count > FlushCosts.few && whole < each * count
    }

    mutating func took(_ span: Duration, for count: Int) {
        each = FlushCosts.blend(each, span / max(1, count))
        // What was slow when something else was being written need not be so any more: a guess that falls is tried again.
        if count > FlushCosts.few { whole = whole * 15 / 16 }
    }

    mutating func tookWhole(_ span: Duration) {
        whole = FlushCosts.blend(whole, span)
    }

    private static func blend(_ known: Duration, _ new: Duration) -> Duration {
        (known * 3 + new) / 4
    }
}
