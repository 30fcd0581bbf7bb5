internal import Claim
internal import Spool
internal import Synchronization

/// Reads a batch's drops while its lane performs the batch before, on a thread of its own: the one part of a claim that
/// changes nothing, and so may be done out of turn. Spares the lane 8 of 60 µs an invoice.
///
/// Only its lane begins and takes.
final class AheadReader: Sendable {
    private let asked = Inbox<LaneWork>()
    private let read = Inbox<LaneWork>()
    private let isBusy = Atomic(false)
    private let thread: Thread

    /// Throws if the thread can't be started.
    init(_ number: Int, _ claimer: Claimer) throws(ThreadError) {
        let (asked, read) = (asked, read)
        thread = try Thread("reader-\(number)") {
            while true {
                let works = asked.take()
                if works.isEmpty { return }
                read.put(works.map { $0.readAhead(by: claimer) })
            }
        }
    }

    /// Begins to read a batch, the one before having been taken.
    func begin(_ works: ArraySlice<LaneWork>) {
        guard !works.isEmpty else { return }
        isBusy.store(true, ordering: .relaxed)
        asked.put(Array(works))
    }

    /// Waits for the batch that was begun last, and returns it with its drops read; empty if none was.
    func take() -> [LaneWork] {
        guard isBusy.exchange(false, ordering: .relaxed) else { return [] }
        return read.take()
    }

    func close() {
        asked.close()
        thread.join()
    }
}

extension LaneWork {
    fileprivate func readAhead(by claimer: Claimer) -> LaneWork {
        guard case .claim(let drop, let evidence, let evenIfIncomplete, nil) = self,
            let ahead = claimer.readAhead(drop, evidence: evidence)
        else { return self }
        return .claim(drop, evidence, evenIfIncomplete: evenIfIncomplete, ahead: ahead)
    }
}
