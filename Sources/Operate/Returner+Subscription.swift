internal import Deliver
internal import Files
internal import Spool
internal import SystemPackage

extension Returner {
    /// Makes sure that the filter's subscription is one that there is, or was: a misspelt name would select nothing, and
    /// look as if nothing were left to do.
    ///
    /// - Parameter keys: those that were named; `nil` for all that stand in the source.
    /// - Throws: `OperateError` of kind `noInput` if no file in subscriptions/ has its name, and no record of these requests.
    func checkSubscription(among keys: [Key]?) throws(OperateError) {
        guard let name = filter.subscription, !(try SubscriptionFolder.read(spool)).names.contains(name) else { return }
        let isKnown = try explaining("The requests in \(source.rawValue)/ can't be read") { () throws(Errno) in
            guard let keys else { return try isRecorded(name) }
            for key in keys where try isRecorded(name, for: key) { return true }
            return false
        }
        guard !isKnown else { return }
        let which =
            keys == nil
            ? "no request in \(source.rawValue)/ has a delivery to it" : "none of these requests has a delivery to it"
        throw OperateError(
            .noInput,
            "There is no subscription '\(name)' in \(spool.path), and \(which). Look with '\(spool.commands.billhook("status"))'."
        )
    }

    private func isRecorded(_ name: String) throws(Errno) -> Bool {
        let scan = try DirectoryScan(spool.directory(source))
        while case let names = try scan.next(512), !names.isEmpty {
            for case .request(let key) in names.map({ DropName($0) }) where try isRecorded(name, for: key) {
                return true
            }
        }
        return false
    }

    private func isRecorded(_ name: String, for key: Key) throws(Errno) -> Bool {
        try log(of: key).deliveries.contains { $0.subscription == name }
    }
}

extension Roster.Snapshot {
    /// The subscriptions that some file stands for, be it only one that pauses or disables.
    fileprivate var names: Set<String> { Set(subscriptions.keys).union(paused).union(disabled) }
}
