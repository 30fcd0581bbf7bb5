internal import Files
internal import Hashing
internal import Process
public import Spool
internal import SystemPackage
internal import Times

/// The request that has a key already, and what it means for another one.
public struct Standing: Sendable, Equatable {
    /// Where it stands; where its `.invoice` does if the request itself has been removed.
    public let state: State
    /// Whether the other one says the same: the same bytes, or the same JSON value.
    public let isSame: Bool
    /// The bytes of its `.invoice`, if it has been processed.
    public let invoice: [UInt8]?
}

/// Finds out who has a key.
struct KeyLookup: Sendable {
    let spool: Spool

    /// Requests move while they are looked at; more often than this, and something is wrong.
    private static let maximumLooks = 64

    private enum Look {
        case free
        case taken(Standing)
        /// It moved on between two calls.
        case moved
    }

    /// Who stands in a submission's way; `nil` if its key is free.
    ///
    /// Looks at incoming/ first, so that a drop that moves on meanwhile is met in its next state. Throws what the file
    /// system does.
    func standing(against submission: Submission) throws(Errno) -> Standing? {
        for _ in 0..<KeyLookup.maximumLooks {
            switch try look(submission) {
            case .free: return nil
            case .taken(let standing): return standing
            case .moved: continue
            }
        }
        throw .resourceTemporarilyUnavailable
    }

    /// Whether a submission's key seems free at a glance: no request of that key stands where one most likely would.
    func seemsFree(_ submission: Submission) throws(Errno) -> Bool {
        let name = submission.key.fileName.text
        if try spool.done.contains(name) { return false }
        return try !spool.incoming.contains(name)
    }

    private func look(_ submission: Submission) throws(Errno) -> Look {
        let key = submission.key
        let content = submission.content
        if let waiting = try read(key, in: .incoming, for: content) {
            return .taken(Standing(state: .incoming, isSame: SameRequest.holds(content, waiting), invoice: nil))
        }
        if try isUnknown(key) { return .free }
        let state = try spool.stateOfRequest(key)
        let invoiceState = try spool.state(of: .invoice, key, in: State.taking)
        let invoice = try invoiceState.flatMap { (state) throws(Errno) in try spool.read(.invoice, key, in: state) }
        guard let state else {
            // An `.invoice` is made before its request comes to processing/, which may have come since it was looked for.
            if try spool.stateOfRequest(key) != nil { return .moved }
            return try leftover(key, invoice, in: invoiceState, content)
        }
        // A request that was rejected, and so never processed, leaves its key free.
        if state == .dead, invoiceState == nil { return .free }
        guard let first = try read(key, in: state, for: content) else { return .moved }
        return .taken(Standing(state: state, isSame: SameRequest.holds(content, first), invoice: invoice))
    }

    /// Whether neither a request nor an `.invoice` of the key stands anywhere: asked of each directory once, in the order in
    /// which a request passes them, its `.invoice` before it.
    private func isUnknown(_ key: Key) throws(Errno) -> Bool {
        let names = [Sidecar.invoice.fileName(key), key.fileName]
        for state in State.taking where try spool.directory(state).contains(anyOf: names) { return false }
        return true
    }

    /// What an `.invoice` says whose request is gone; one that is torn says nothing, and one whose request is in the archive
    /// was kept from following it by a crash.
    private func leftover(
        _ key: Key, _ invoice: [UInt8]?, in state: State?, _ content: [UInt8]
    ) throws(Errno) -> Look {
        guard let invoice, let state, let record = try? InvoiceRecord.read(invoice) else { return .free }
        let (day, mark) = (record.processedAt.day, Spool.archiveMark(invoiceID: record.id))
        if state == .done, try spool.interruptedArchive(of: key, day: day, mark: mark) != nil { return .free }
        let isSame = record.requestSHA256 == ContentHash.hex(ContentHash.sha256(content))
        return .taken(Standing(state: state, isSame: isSame, invoice: invoice))
    }

    private func read(_ key: Key, in state: State, for content: [UInt8]) throws(Errno) -> [UInt8]? {
        try spool.directory(state).read(key.fileName, upTo: max(content.count, Submission.standardMaximumBytes) + 1)
    }
}
