internal import Deliver
internal import Files
internal import Spool
internal import SystemPackage

/// Reads subscriptions/, and each file of it only when it has changed.
struct SubscriptionFiles {
    private struct Entry {
        let status: FileStatus
        let secretStatus: FileStatus?
        let secretFile: String?
        let result: Result<Subscription, SubscriptionError>
    }

    let spool: Spool
    private var entries: [String: Entry] = [:]

    init(_ spool: Spool) {
        self.spool = spool
    }

    /// What stands in subscriptions/ now. Throws if the directory can't be read; a file that can't is an error of that
    /// subscription.
    mutating func read() throws(Errno) -> Roster.Snapshot {
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
        if let entry = entries[name], entry.status == status, entry.secretStatus == secretStatus(entry.secretFile) {
            return entry.result
        }
        var secretFile: String?
        let result = Result { () throws(SubscriptionError) in
            let content: [UInt8]
            do throws(Errno) {
                content = try spool.subscriptions.read(fileName, upTo: Subscription.maximumBytes + 1) ?? []
            } catch {
                throw SubscriptionError(
                    subscription: name, field: nil, problem: "the file can't be read: \(error)",
                    fix: "check its owner and mode")
            }
            return try Subscription.read(name: name, bytes: content) { path in
                secretFile = path
                guard let secret = try directory(of: path).read(lastName(path), upTo: 4096) else {
                    throw Errno.noSuchFileOrDirectory
                }
                return secret
            }
        }
        entries[name] = Entry(
            status: status, secretStatus: secretStatus(secretFile), secretFile: secretFile, result: result)
        return result
    }

    private func secretStatus(_ path: String?) -> FileStatus? {
        guard let path else { return nil }
        return try? directory(of: path).status(lastName(path))
    }

    private func directory(of path: String) throws(Errno) -> Directory {
        try Directory(spool.subscriptionPath(path).removingLastComponent())
    }

    private func lastName(_ path: String) -> String {
        FilePath(path).lastComponent?.string ?? path
    }
}

extension Spool {
    /// A path in a subscription file: relative to the directory that the file stands in.
    func subscriptionPath(_ path: String) -> FilePath {
        self.path.appending("subscriptions").pushing(FilePath(path))
    }
}
