public import Deliver
internal import Files
public import Spool
public import SystemPackage
public import Times

/// Appends to a request's `.attempts`, beside it in processing/.
public struct Recorder: Sendable {
    let spool: Spool

    public init(_ spool: Spool) {
        self.spool = spool
    }

    /// Appends lines, and sets the file's mtime to when the request is due next.
    ///
    /// - Parameters:
    ///   - closingTornLine: the file's last line had no newline when it was read; if it still has none, it is closed first,
    ///     never cut off.
    ///   - due: when the earliest pending delivery is due; `nil` leaves the moment of the append, which means now. A
    ///     crash between append and set therefore makes a retry come early, not late.
    ///
    /// Nothing is written for a request whose files have all gone: a person freed the key, and a file made now would
    /// belong to the next request of that key.
    ///
    /// Throws what the file system does. What a full disk let through of the lines is taken back then, so that they can
    /// be recorded again; only a crash leaves a torn line.
    public func record(
        _ lines: [AttemptLine], for key: Key, closingTornLine: Bool, due: Timestamp?, commit: inout Commit
    ) throws(Errno) {
        if lines.isEmpty, due == nil { return }
        guard try isKnown(key) else { return }
        // Another record of the request may have closed it meanwhile, or have been refused before it did.
        var bytes: [UInt8] = []
        if closingTornLine, try endsInMidLine(key) { bytes.append(UInt8(ascii: "\n")) }
        bytes += lines.encoded()
        guard due == nil else { return try append(bytes, to: key, due: due, commit: &commit) }
        // What ends a request's stay has room even on a full disk, as its `.error` has.
        try spool.easing { () throws(Errno) in try append(bytes, to: key, due: nil, commit: &commit) }
    }

    /// Removes the lines again that were recorded last, after their flush has failed: they are to be recorded once more, and
    /// would stand there twice. What can't be removed stays, and counts once.
    public func takeBack(_ lines: [AttemptLine], of key: Key) {
        let bytes = lines.encoded()
        guard !bytes.isEmpty, let content = try? spool.read(.attempts, key, in: .processing),
            content.count >= bytes.count, content.suffix(bytes.count).elementsEqual(bytes)
        else { return }
        let file = try? File.overwriting(Sidecar.attempts.fileName(key), in: spool.processing)
        try? file?.truncate(to: content.count - bytes.count)
    }

    private func append(_ bytes: [UInt8], to key: Key, due: Timestamp?, commit: inout Commit) throws(Errno) {
        let file = try File.appending(Sidecar.attempts.fileName(key), in: spool.processing)
        try file.append(bytes)
        // Without it the request is due now, which is early and not late; and the lines stand.
        if let due { try? file.setModified(due) }
        commit.add(file)
        commit.add(.processing)
    }

    private func endsInMidLine(_ key: Key) throws(Errno) -> Bool {
        guard let last = try spool.read(.attempts, key, in: .processing)?.last else { return false }
        return last != UInt8(ascii: "\n")
    }

    /// The `.invoice` stays in processing/ while a person parks the request.
    private func isKnown(_ key: Key) throws(Errno) -> Bool {
        if try spool.processing.contains(Sidecar.invoice.fileName(key)) { return true }
        if try spool.processing.contains(Sidecar.attempts.fileName(key)) { return true }
        return try spool.processing.contains(key.fileName)
    }
}
