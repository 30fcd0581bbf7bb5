internal import Engine
internal import Files
internal import Spool
internal import Times

/// The threads that perform transitions: few, each with its own share of the keys, each with its own group commit.
///
/// A batch is whatever has come in while the one before was being written, so a lone invoice waits for nobody and a
/// flood shares its flushes.
final class Lanes: Sendable {
    private let inboxes: [Inbox<LaneWork>]
    private let threads: [Thread]

    /// - Parameter batch: the most transitions that are flushed together: each keeps its files open until then.
    init(
        _ spool: Spool, count: Int, maximumBytes: Int, usesProcessor: Bool, window: Duration, durability: Durability,
        batch: Int, announcer: Announcer,
        mailbox: Mailbox
    ) throws {
        let spool = spool.rememberingNames()
        let inboxes = (0..<count).map { _ in Inbox<LaneWork>() }
        // Under `full`, a batch shares its flushes, so a large one is cheap; otherwise early answers keep the posts going.
        let largest = durability == .full ? min(256, batch) : min(32, batch)
        self.inboxes = inboxes
        threads = try inboxes.enumerated().map { number, inbox in
            try Thread("lane-\(number)") {
                let batch = LaneBatch(
                    spool, maximumBytes: maximumBytes, usesProcessor: usesProcessor, window: window,
                    durability: durability, announcer: announcer)
                while true {
                    var works = inbox.takeAtOnce()
                    if works.isEmpty {
                        mailbox.put(batch.finish())
                        works = inbox.take()
                    }
                    if works.isEmpty { return }
                    for start in stride(from: 0, to: works.count, by: largest) {
                        let share = works[start..<min(start + largest, works.count)]
                        mailbox.put(batch.perform(share, now: .now))
                    }
                }
            }
        }
    }

    func put(_ works: [LaneWork]) {
        guard !works.isEmpty else { return }
        // Where there is one lane, nobody has to be asked for its key's hash.
        if inboxes.count == 1 { return inboxes[0].put(works) }
        var shares = [[LaneWork]](repeating: [], count: inboxes.count)
        for work in works { shares[Int(UInt(bitPattern: work.shard) % UInt(inboxes.count))].append(work) }
        for (inbox, share) in zip(inboxes, shares) where !share.isEmpty { inbox.put(share) }
    }

    /// Performs what was put in, and ends the threads.
    func close() {
        for inbox in inboxes { inbox.close() }
        for thread in threads { thread.join() }
    }
}
