internal import Claim
internal import Files
internal import Spool

/// One lane: a thread that performs transitions, a batch at a time, and its reader, which reads the next batch's drops
/// meanwhile.
///
/// A batch is whatever has come in while the one before was being written, so a lone invoice waits for nobody and a
/// flood shares its flushes. A batch that finds nothing waiting is not read ahead, and costs nobody a wake-up.
final class Lane: Sendable {
    private let inbox: Inbox<LaneWork>
    private let reader: AheadReader
    private let thread: Thread

    /// - Parameters:
    ///   - most: the most transitions of a batch.
    ///   - makeBatch: called once, by the lane's thread, to which its result belongs.
    ///
    /// Throws if a thread can't be started.
    init(
        _ number: Int, most: Int, _ claimer: Claimer, mailbox: Mailbox, makeBatch: @escaping @Sendable () -> LaneBatch
    ) throws(ThreadError) {
        let inbox = Inbox<LaneWork>()
        let reader = try AheadReader(number, claimer)
        self.inbox = inbox
        self.reader = reader
        do throws(ThreadError) {
            thread = try Thread("lane-\(number)") {
                let batch = makeBatch()
                var waiting: ArraySlice<LaneWork> = []
                while true {
                    var works = reader.take()
                    if waiting.isEmpty { waiting = inbox.takeAtOnce()[...] }
                    if works.isEmpty, waiting.isEmpty {
                        mailbox.put(batch.finish())
                        waiting = inbox.take()[...]
                        if waiting.isEmpty { return }
                    }
                    if works.isEmpty { works = Array(waiting.popBatch(most)) }
                    reader.begin(waiting.popBatch(most))
                    mailbox.put(batch.perform(works[...], now: .now))
                }
            }
        } catch {
            reader.close()
            throw error
        }
    }

    func put(_ works: [LaneWork]) { inbox.put(works) }

    /// Lets the lane perform what was put in, and end.
    func close() { inbox.close() }

    /// Waits for its end.
    func join() {
        thread.join()
        reader.close()
    }
}

extension ArraySlice {
    fileprivate mutating func popBatch(_ most: Int) -> ArraySlice {
        defer { removeFirst(Swift.min(most, count)) }
        return prefix(most)
    }
}
