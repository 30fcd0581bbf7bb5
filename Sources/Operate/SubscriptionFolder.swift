public import Deliver
internal import Files
public import Spool
internal import SystemPackage

/// Reading subscriptions/.
public enum SubscriptionFolder {
    /// What stands in subscriptions/ now; a file that can't be read is an error of that subscription.
    ///
    /// - Throws: `OperateError` if the directory can't be read.
    public static func read(_ spool: Spool) throws(OperateError) -> Roster.Snapshot {
        let names = try explaining("The directory \(spool.path.appending("subscriptions")) can't be read") {
            () throws(Errno) in try spool.subscriptions.names()
        }
        var snapshot = Roster.Snapshot()
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self), !name.hasPrefix("."), !name.hasSuffix("~") else {
                continue
            }
            if name.hasSuffix(".json") {
                let stem = String(name.dropLast(5))
                if let content = content(of: stem, in: spool) {
                    snapshot.subscriptions[stem] = read(stem, content, spool)
                }
            } else if name.hasSuffix(".paused") {
                snapshot.paused.insert(String(name.dropLast(7)))
            } else if name.hasSuffix(".disabled") {
                snapshot.disabled.insert(String(name.dropLast(9)))
            }
        }
        return snapshot
    }

    /// Reads and checks the content of a subscription file.
    static func check(_ name: String, _ content: [UInt8], in spool: Spool) throws(SubscriptionError) -> Subscription {
        try Subscription.read(name: name, bytes: content) { path in
            let place = spool.path.appending("subscriptions").pushing(FilePath(path))
            return try Input(place).all(upTo: 4096)
        }
    }

    private static func content(of name: String, in spool: Spool) -> Result<[UInt8], Errno>? {
        do throws(Errno) {
            let content = try spool.subscriptions.read(name + ".json", upTo: Subscription.maximumBytes + 1)
            return content.map { .success($0) }
        } catch {
            return .failure(error)
        }
    }

    private static func read(
        _ name: String, _ content: Result<[UInt8], Errno>, _ spool: Spool
    ) -> Result<Subscription, SubscriptionError> {
        Result { () throws(SubscriptionError) in
            switch content {
            case .success(let bytes): return try check(name, bytes, in: spool)
            case .failure(let code):
                throw SubscriptionError(
                    subscription: name, field: nil, problem: "the file can't be read: \(code)",
                    fix: "check its owner and mode")
            }
        }
    }
}
