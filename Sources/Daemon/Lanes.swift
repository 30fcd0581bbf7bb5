internal import Claim
internal import Engine
internal import Files
internal import Spool
internal import Times

/// The lanes, which perform transitions: few, each with its own share of the keys, each with its own group commit.
final class Lanes: Sendable {
    private let lanes: [Lane]

    /// - Parameter batch: the most transitions that are flushed together: each keeps its files open until then.
    ///
    /// Throws if a thread can't be started.
    init(
        _ spool: Spool, count: Int, maximumBytes: Int, usesProcessor: Bool, window: Duration, durability: Durability,
        batch: Int, announcer: Announcer,
        mailbox: Mailbox
    ) throws(ThreadError) {
        let spool = spool.rememberingNames()
        let claimer = Claimer(spool, maximumBytes: maximumBytes)
        // Under `full`, a batch shares its flushes, so a large one is cheap; otherwise early answers keep the posts going: with
        // 64 the rate is 7 % above that with 32, and 5 % above that with 128.
        let most = min(durability == .full ? 256 : 64, batch)
        var lanes: [Lane] = []
        for number in 0..<count {
            lanes.append(
                try Lane(number, most: most, claimer, mailbox: mailbox) {
                    LaneBatch(
                        spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor, window: window,
                        durability: durability, announcer: announcer)
                })
        }
        self.lanes = lanes
    }

    func put(_ works: [LaneWork]) {
        guard !works.isEmpty else { return }
        // Where there is one lane, nobody has to be asked for its key's hash.
        if lanes.count == 1 { return lanes[0].put(works) }
        var shares = [[LaneWork]](repeating: [], count: lanes.count)
        for work in works { shares[Int(UInt(bitPattern: work.shard) % UInt(lanes.count))].append(work) }
        for (lane, share) in zip(lanes, shares) where !share.isEmpty { lane.put(share) }
    }

    /// Performs what was put in, and ends the threads.
    func close() {
        for lane in lanes { lane.close() }
        for lane in lanes { lane.join() }
    }
}
