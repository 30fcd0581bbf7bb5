internal import DequeModule
internal import Times

/// What waits for and runs to one subscription.
final class Outlet {
    struct Turn {
        let job: Job
        let task: Int
    }

    let name: String
    var queue: Deque<Turn> = []
    var inFlight = 0
    /// Something that is due was sent back to the disk for want of room here: processing/ has to be swept for it.
    var hasOverflowed = false
    /// Waits in line for a place under the bound on all posts.
    var isInLine = false
    /// When a post last began or ended here while there was room before.
    var lastProgress = Timestamp.distantPast

    init(_ name: String) {
        self.name = name
    }

    /// Nothing has begun or ended here for a while: if there is no room either, what queues here would hold up others.
    func isStalled(at now: Timestamp) -> Bool {
        now - lastProgress > Outlet.stallTime
    }

    static let stallTime = Duration.milliseconds(250)
}
