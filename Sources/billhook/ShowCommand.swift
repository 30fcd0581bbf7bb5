import ArgumentParser
import Files
import Operate
import Spool
import SystemPackage
import Times

/// `billhook show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows everything that is known about one key, and what happens next and when.",
        discussion: "With --subscription, what is known about a subscription, its public keys included.")

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The key, or the path of a request or of one of its sidecars.")
    var key: String?

    @Option(name: .long, help: "The name of a subscription to show, instead of a key.")
    var subscription: String?

    func validate() throws {
        guard (key == nil) != (subscription == nil) else {
            throw ValidationError("Give either a key, or --subscription and a name.")
        }
    }

    func run() throws {
        try Sysexit.mapping {
            let spool = try spool.open()
            if let subscription { return try show(subscription, in: spool) }
            let key = try KeySearch.key(self.key ?? "")
            let now = Timestamp.now
            guard let report = try KeyInspector(spool).inspect(key, now: now) else {
                throw KeySearch(spool).unknown(key)
            }
            try Output.write(output.json ? report.encoded() : Array(report.text(now: now).utf8))
        }
    }

    private func show(_ name: String, in spool: Spool) throws {
        let now = Timestamp.now
        guard let report = try SubscriptionReport(name, in: spool, now: now) else {
            throw OperateError(
                .noInput,
                "There is no subscription '\(name)' in \(spool.path). Look with '\(spool.commands.billhook("status"))'."
            )
        }
        try Output.write(output.json ? report.encoded(now: now) : Array(report.text(now: now).utf8))
    }
}
