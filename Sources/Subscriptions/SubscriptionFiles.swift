public import Deliver
internal import Files
public import Spool
public import SystemPackage

/// Reads subscriptions/, and each file of it only when it, or the secret that it names, has changed since the last time.
///
/// It belongs to one thread.
public struct SubscriptionFiles {
    private struct Entry {
        let status: FileStatus
        /// The files that hold its secrets, and what they were like when they were read.
        let secretFiles: [String: FileStatus?]
        let result: Result<Subscription, SubscriptionError>
    }

    private let spool: Spool
    private var entries: [String: Entry] = [:]

    public init(_ spool: Spool) {
        self.spool = spool
    }

    /// What stands in subscriptions/ now. Throws if the directory can't be read; a file that can't is an error of that
    /// subscription.
    public mutating func read() throws(Errno) -> Roster.Snapshot {
        var snapshot = Roster.Snapshot()
        for bytes in try spool.subscriptions.names() {
            guard let name = String(validating: bytes, as: UTF8.self), !name.hasPrefix("."), !name.hasSuffix("~") else {
                continue
            }
            if name.hasSuffix(".json") {
                let stem = String(name.dropLast(5))
                if let result = try read(stem, fileName: name) { snapshot.subscriptions[stem] = result }
            } else if name.hasSuffix(".paused") {
                snapshot.paused.insert(String(name.dropLast(7)))
            } else if name.hasSuffix(".disabled") {
                snapshot.disabled.insert(String(name.dropLast(9)))
            }
        }
        entries = entries.filter { snapshot.subscriptions[$0.key] != nil }
        return snapshot
    }

    private mutating func read(
        _ name: String, fileName: String
    ) throws(Errno) -> Result<Subscription, SubscriptionError>? {
        guard let status = try spool.subscriptions.status(fileName) else { return nil }
        if let entry = entries[name], entry.status == status,
            entry.secretFiles.allSatisfy({ secretStatus($0.key) == $0.value })
        {
            return entry.result
        }
        var secretFiles: [String: FileStatus?] = [:]
        var isOutOfDescriptors = false
        let result = Result { () throws(SubscriptionError) in
            let content: [UInt8]
            do throws(Errno) {
                content = try spool.subscriptions.read(fileName, upTo: Subscription.maximumBytes + 1) ?? []
            } catch {
                isOutOfDescriptors = error.isOutOfDescriptors
                let (problem, fix) = SubscriptionFiles.explanation(of: error)
                throw SubscriptionError(subscription: name, field: nil, problem: problem, fix: fix)
            }
            return try Subscription.read(name: name, bytes: content) { path in
                // Before it is read: a change in between is seen at the next look.
                secretFiles[path] = .some(secretStatus(path))
                do throws(Errno) {
                    return try spool.secret(path)
                } catch {
                    isOutOfDescriptors = isOutOfDescriptors || error.isOutOfDescriptors
                    throw error
                }
            }
        }
        // That says nothing of the file, which would be read again only when it has changed.
        if isOutOfDescriptors { throw .tooManyOpenFiles }
        entries[name] = Entry(status: status, secretFiles: secretFiles, result: result)
        return result
    }

    /// Why a subscription file can't be read, and what to do.
    private static func explanation(of error: Errno) -> (problem: String, fix: String) {
        switch error {
        case .tooManySymbolicLinkLevels:
            ("the file is a symbolic link, which is not followed", "put the file itself there")
        case .isDirectory: ("there is a directory instead of a file", "put the file itself there")
        default: ("the file can't be read: \(error)", "check its owner and mode")
        }
    }

    private func secretStatus(_ path: String) -> FileStatus? {
        try? File.following(spool.subscriptionPath(path)).status()
    }

    /// Reads and checks the content of a subscription file that need not stand yet.
    ///
    /// Throws what is wrong with it: the field, and the fix.
    public static func check(
        _ name: String, _ content: [UInt8], in spool: Spool
    ) throws(SubscriptionError) -> Subscription {
        try Subscription.read(name: name, bytes: content) { try spool.secret($0) }
    }
}

extension Spool {
    /// A path in a subscription file: relative to the directory that the file stands in.
    public func subscriptionPath(_ path: String) -> FilePath {
        self.path.appending("subscriptions").pushing(FilePath(path))
    }

    /// What a file that a subscription names as its secret holds. It may be a symbolic link, as secrets that an
    /// orchestrator mounts are.
    fileprivate func secret(_ path: String) throws(Errno) -> [UInt8] {
        let file = try File.following(subscriptionPath(path))
        return try file.read(upTo: 4096, expecting: try file.status().size)
    }
}
