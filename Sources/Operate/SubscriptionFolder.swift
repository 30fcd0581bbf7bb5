public import Deliver
public import Spool
internal import Subscriptions
internal import SystemPackage

/// Reading subscriptions/.
public enum SubscriptionFolder {
    /// What stands in subscriptions/ now; a file that can't be read is an error of that subscription.
    ///
    /// - Throws: `OperateError` if the directory can't be read.
    public static func read(_ spool: Spool) throws(OperateError) -> Roster.Snapshot {
        var files = SubscriptionFiles(spool)
        return try explaining("The directory \(spool.path.appending("subscriptions")) can't be read") {
            () throws(Errno) in try files.read()
        }
    }
}
