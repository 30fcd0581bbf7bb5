internal import Deliver
internal import Files
internal import Spool
internal import Subscriptions
internal import SystemPackage

/// What is written down about how subscriptions fare: `.billhook/health/NAME.json` while one fails, and
/// `subscriptions/NAME.disabled`.
struct HealthFiles {
    let spool: Spool
    let durability: Durability

    init(_ spool: Spool, _ durability: Durability) {
        self.spool = spool
        self.durability = durability
    }

    private func folder() throws(Errno) -> Directory {
        try spool.own.make(Spool.healthFolderName)
        return try spool.own.directory(Spool.healthFolderName)
    }

    /// Writes down since when a subscription has been failing, or removes that. What the disk refuses is left out: it is
    /// still in memory, and its loss only puts off a warning.
    func keep(_ health: SubscriptionHealth?, of name: String) {
        do throws(Errno) {
            let folder = try folder()
            if let health {
                let temporary = "health.tmp"
                try spool.own.write(temporary, health.encoded(), durably: durability == .full)
                try spool.own.replace("\(name).json", in: folder, with: temporary)
            } else {
                try folder.remove("\(name).json")
            }
            if durability == .full { try folder.sync() }
        } catch {
            return
        }
    }

    /// Writes `NAME.disabled`, whole or not at all; returns why it can't. One that stands stays as it is.
    func disable(_ disabling: Disabling) -> Errno? {
        do throws(Errno) {
            let temporary = "disabled.tmp"
            try spool.own.write(temporary, disabling.encoded(), durably: durability == .full)
            let name = "\(disabling.subscription).disabled"
            if try !spool.own.move(temporary, to: spool.subscriptions, as: name) { try spool.own.remove(temporary) }
            if durability == .full { try spool.subscriptions.sync() }
            return nil
        } catch {
            return error
        }
    }
}
