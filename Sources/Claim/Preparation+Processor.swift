internal import Deliver
internal import Files
internal import Process
public import Spool
public import SystemPackage
public import Times

/// What is different where a program of the user's processes the invoices.
extension Preparation {
    /// What the processor is to do for a request without `.invoice`.
    ///
    /// That it was told to wait, and how long, stands in the times of its `.attempts`: the mtime is when it is due, and the
    /// inode was changed when that was set. So the waits grow across a restart, and a person's `touch` begins them anew.
    func assignment(_ claimed: ClaimedRequest, _ invoice: Invoice) throws(Errno) -> Assignment {
        let attempts = try spool.processing.status(Sidecar.attempts.fileName(claimed.key))
        return Assignment(
            key: claimed.key, invoice: invoice, status: claimed.status, notBefore: attempts?.modified,
            waited: attempts.map { max(.zero, $0.modified - $0.changed) } ?? .zero)
    }

    /// Writes down what the processor made of a request: the `.invoice`, or nothing yet for one that is to be buried.
    ///
    /// The `.invoice` is flushed with the batch, and from then on the processor is not run again. A request that a person
    /// has parked or is just releasing keeps its result, beside processing/ where sidecars wait; of one that was removed
    /// or replaced meanwhile nothing is written. Killed before the flush, it is as if the program had not run.
    ///
    /// Throws what the file system does; the same call again goes on from there.
    public func complete(
        _ completion: Completion, now: Timestamp, commit: inout Commit
    ) throws(Errno) -> Outcome {
        let key = completion.key
        guard let place = try place(of: completion.assignment) else { return .vanished }
        switch completion.verdict {
        case .failed(let report): return place == .processing ? .rejected(report) : .vanished
        case .processed(let result):
            let invoice = completion.assignment.invoice.with(result: result, processedAt: now)
            let encoded = try write(invoice, of: key, commit: &commit)
            guard place == .processing else { return .vanished }
            let log = DeliveryLog(reading: try spool.read(.attempts, key, in: .processing) ?? [])
            // Without deliveries its mtime told only when the processor was due.
            let modified = log.deliveries.isEmpty ? nil : completion.assignment.notBefore
            return .ready(
                Work(key: key, invoice: invoice, encoded: encoded, log: log, attemptsModified: modified))
        }
    }

    /// Where the very file stands that the processor was given.
    private func place(of assignment: Assignment) throws(Errno) -> State? {
        for state in [State.processing, .hold, .incoming] {
            guard let status = try spool.directory(state).status(assignment.key.fileName) else { continue }
            let isSame = status.identity == assignment.status.identity && status.modified == assignment.status.modified
            if isSame, status.size == assignment.status.size { return state }
        }
        return nil
    }
}
