internal import Files
internal import Process
public import Spool
internal import SystemPackage

/// Waits until requests have come to an end.
public struct Waiter: Sendable {
    /// What is waited for.
    public enum Goal: String, Sendable, CaseIterable {
        /// The request stands in done/ or dead/.
        case done
        /// Its `.invoice` exists, or it was rejected.
        case processed
    }

    /// How it ended.
    public enum Ending: Sendable, Equatable {
        /// There is an invoice, and no delivery was given up as far as was waited for.
        case processed(invoice: [UInt8], in: State)
        /// It stands in dead/; `invoice` if it had been processed, `report` if an `.error` stands beside it.
        case failed(ErrorReport?, invoice: [UInt8]?)
        /// Another request has the key; the one waited for was set apart and billed nothing.
        case conflict
    }

    private let spool: Spool
    private let goal: Goal
    /// How long an event may be overdue before everything is looked at.
    private static let lookAgainAfter = Duration.seconds(2)

    public init(_ spool: Spool, until goal: Goal) {
        self.spool = spool
        self.goal = goal
    }

    /// Waits for all of the submissions, and reports each as it ends. Returns the keys that had not ended in time.
    ///
    /// - Parameter next: waits for a change, at most as long as it is told: `SpoolChanges.next`.
    /// - Throws: `OperateError` when the spool can't be read.
    public func wait(
        for submissions: [Submission], timeout: Duration, next: (Duration) -> SpoolChanges.News,
        report: (Key, Ending) -> Void
    ) throws(OperateError) -> [Key] {
        let deadline = SuspendingClock.now.advanced(by: timeout)
        var pending: [Key: Submission] = [:]
        for submission in submissions { pending[submission.key] = submission }
        try look(at: submissions.map(\.key), &pending, report)
        while !pending.isEmpty {
            let remaining = SuspendingClock.now.duration(to: deadline)
            if remaining <= .zero { break }
            switch next(min(remaining, Waiter.lookAgainAfter)) {
            case .everything: try look(at: pending.keys.sorted { $0.name < $1.name }, &pending, report)
            case .keys(let keys): try look(at: keys.sorted { $0.name < $1.name }, &pending, report)
            }
        }
        return submissions.map(\.key).filter { pending[$0] != nil }
    }

    private func look(
        at keys: [Key], _ pending: inout [Key: Submission], _ report: (Key, Ending) -> Void
    ) throws(OperateError) {
        for key in keys {
            guard let submission = pending[key] else { continue }
            let found = try explaining("The request \(key) can't be looked at") { () throws(Errno) in
                try ending(of: submission)
            }
            guard let found else { continue }
            pending[key] = nil
            report(key, found)
        }
    }

    /// How a submission has ended; `nil` if it has not.
    ///
    /// incoming/ is looked at first: as long as the drop stands there, what stands elsewhere is an earlier request. The
    /// daemon archives a rejected one before it claims the drop that supersedes it.
    func ending(of submission: Submission) throws(Errno) -> Ending? {
        let key = submission.key
        if try spool.incoming.contains(key.fileName) { return nil }
        guard var state = try spool.stateOfRequest(key) else { return nil }
        if state == .dead, spool.keySource != .name {
            // Or it stands aside, where its key is read: only after that is what it supersedes archived.
            if try isAside(key) { return nil }
            guard let now = try spool.stateOfRequest(key) else { return nil }
            state = now
        }
        if goal == .done, state != .done, state != .dead { return nil }
        let limit = max(submission.content.count, Submission.standardMaximumBytes) + 1
        guard let content = try spool.directory(state).read(key.fileName, upTo: limit) else { return nil }
        guard SameRequest.holds(submission.content, content) else { return .conflict }
        let invoice = try invoice(of: key, in: state)
        if let invoice, state == .done || goal == .processed {
            var commit = Commit(.full)
            try commit.acknowledge(key, in: state, of: spool)
            try commit.flush(spool)
            return .processed(invoice: invoice, in: state)
        }
        guard state == .done || state == .dead else { return nil }
        let error = try spool.read(.error, key, in: state)
        return .failed(error.flatMap { ErrorReport($0) }, invoice: invoice)
    }

    /// Whether the drop that was submitted, under its key's name, has been set aside.
    private func isAside(_ key: Key) throws(Errno) -> Bool {
        for name in try spool.aside.names()
        where try spool.aside.link(String(decoding: name, as: UTF8.self)) == key.fileName {
            return true
        }
        return false
    }

    /// The `.invoice`, if it is whole: it is written in place.
    private func invoice(of key: Key, in state: State) throws(Errno) -> [UInt8]? {
        guard let bytes = try spool.read(.invoice, key, in: state), let record = try? InvoiceRecord.read(bytes),
            record.key == key.name
        else { return nil }
        return bytes
    }
}
