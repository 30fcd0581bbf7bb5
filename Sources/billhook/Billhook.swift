import ArgumentParser

/// The command line.
@main
struct Billhook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "billhook",
        abstract: "Turns invoice requests that arrive as files into invoices, and tells subscribers by webhook.",
        discussion: """
            A request is a JSON file in incoming/, named by its idempotency key. The directory a file is in is its state: \
            look with ls, retry with mv.
            """,
        version: version,
        subcommands: [
            RunCommand.self, InitCommand.self, SubmitCommand.self, StatusCommand.self, ShowCommand.self,
            SubscribeCommand.self, PingCommand.self, RetryCommand.self, ReplayCommand.self, ArchiveCommand.self,
            CheckCommand.self,
        ])

    static let version = "0.1.0"

    static func main() {
        StandardStreams.fill()
        main(normalized(Array(CommandLine.arguments.dropFirst())))
    }
}
