import ArgumentParser
import Files
import Operate
import Times

/// `billhook show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows everything that is known about one key, and what happens next and when.")

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The key, or the path of a request or of one of its sidecars.")
    var key: String

    func run() throws {
        try Sysexit.mapping {
            let spool = try spool.open()
            let key = try KeySearch.key(key)
            let now = Timestamp.now
            guard let report = try KeyInspector(spool).inspect(key, now: now) else {
                throw KeySearch(spool).unknown(key)
            }
            try Output.write(output.json ? report.encoded() : Array(report.text(now: now).utf8))
        }
    }
}
