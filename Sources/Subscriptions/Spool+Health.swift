public import Deliver
internal import Files
public import Spool

extension Spool {
    /// Where it is written down, in Billhook's own directory, since when a subscription has failed.
    public static let healthFolderName = "health"

    /// What was written down about subscriptions that fail, by name; none if nothing was.
    ///
    /// What can't be read is as good as forgotten: the daemon counts anew.
    public func keptHealth() -> [String: SubscriptionHealth] {
        guard let folder = try? own.directory(Spool.healthFolderName), let names = try? folder.names() else {
            return [:]
        }
        var known: [String: SubscriptionHealth] = [:]
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self), name.hasSuffix(".json"),
                let content = try? folder.read(name, upTo: 65_536), let health = SubscriptionHealth(reading: content)
            else { continue }
            known[String(name.dropLast(5))] = health
        }
        return known
    }
}
