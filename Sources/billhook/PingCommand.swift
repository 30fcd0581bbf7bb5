import ArgumentParser
import Glibc
import Operate

/// `billhook ping`
struct PingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Sends a subscription a signed test event, once and right now.",
        discussion: """
            The event is billhook.ping, posted as a delivery of the subscription would be, even while that is paused or \
            disabled. It prints what came of it and exits 0 for an answer 2xx, and 69 otherwise. No daemon is needed.
            """)

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The subscription's name.")
    var name: String

    func run() throws {
        try Sysexit.mapping {
            // A receiver that hangs up, or a reader of our output that does, is told of by the call that meets it.
            signal(SIGPIPE, SIG_IGN)
            let report = try Pinger(spool.open(), version: Billhook.version).ping(name)
            try Output.write(output.json ? report.encoded() : Array(report.text.utf8))
            if !report.isDelivered { throw Sysexit.unavailable.exitCode }
        }
    }
}
