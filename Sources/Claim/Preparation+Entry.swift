internal import Deliver
internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// Events that are delivered from an entry of their own. Its content is fixed and is not validated again: there is nothing
/// to process.
extension Preparation {
    /// The most bytes of an entry that are read: Billhook writes far fewer.
    private static let maximumEntryBytes = 1 << 20

    func loadEntry(_ key: Key, now: Timestamp) throws(Errno) -> Outcome {
        guard let eventID = key.eventID, let status = try spool.processing.status(key.fileName) else {
            return .vanished
        }
        if try !spool.processing.contains(Sidecar.attempts.fileName(key)) { try gather(key, now: now) }
        let content = try readEntry(key, status)
        guard let content else { return .vanished }
        guard let event = WebhookEvent.read(entry: content, eventID: eventID) else {
            return .rejected(.malformedEntry(at: now))
        }
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: .processing) ?? [])
        let modified = try spool.processing.status(Sidecar.attempts.fileName(key))?.modified
        return .ready(Work(key: key, event: event, log: log, attemptsModified: modified))
    }

    /// What an entry holds; nothing for one that may not be read, `nil` if it has gone.
    private func readEntry(_ key: Key, _ status: FileStatus) throws(Errno) -> [UInt8]? {
        guard status.kind == .regular else { return [] }
        do throws(Errno) {
            return try spool.processing.read(key.fileName, upTo: Preparation.maximumEntryBytes)
        } catch .permissionDenied {
            return []
        }
    }
}

extension ErrorReport {
    fileprivate static func malformedEntry(at now: Timestamp) -> ErrorReport {
        ErrorReport(
            code: "malformed_event",
            message: "The file is no event that Billhook can post: it was changed, or can't be read.", stage: .process,
            hint: "If it was edited, undo that and move it to incoming/ again; otherwise delete it.", at: now)
    }
}
