import ArgumentParser
import Files
import Operate
import Times

/// `billhook status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what stands in a spool, who serves it, and how its subscriptions are doing.",
        discussion: "The archive is not counted. The directories are read, so it takes a while for a very large spool.")

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption

    func run() throws {
        try Sysexit.mapping {
            let status = try StatusReader(spool.open()).read(now: .now)
            try Output.write(output.json ? status.encoded() : Array(status.text().utf8))
        }
    }
}
