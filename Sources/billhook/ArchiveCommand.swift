import ArgumentParser
import Files
import JSON
import Operate
import Spool
import Times

/// `billhook archive`
struct ArchiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Moves done requests past the idempotency window to the archive, and deletes old days from it.",
        discussion: """
            A daemon does this by itself. Without one, this walks over done/ once and moves what was processed longer ago \
            than the window to archive/DAY/; its keys are free then. With --delete-after, days that ended that long ago are \
            deleted from the archive. Beside a daemon it exits with 75.
            """)

    @OptionGroup var spool: SpoolOption

    @Option(
        name: .customLong("idempotency-window"), about: "How long a done request keeps its key after it was processed.")
    var window: Span = Environment.value("IDEMPOTENCY_WINDOW") ?? Span(.seconds(86_400))

    @Option(
        name: .customLong("delete-after"),
        about: "How long ago a day must have ended to be deleted from the archive, for ever: a span, or 'never'.")
    var deleteAfter: Limit = Environment.value("DELETE_AFTER") ?? .never

    @Flag(
        name: .customLong("dry-run"), help: "Lists what would be moved and deleted, and moves and deletes nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOption

    func run() throws {
        try Sysexit.mapping {
            let result = try Archivist.archive(
                try spool.open(), window: window.duration, deleteAfter: deleteAfter.duration, now: .now, dryRun: dryRun
            )
            if output.json {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("archived", result.archived.count)
                writer.member("early", result.early)
                writer.member("refused", result.refused.count)
                result.deletion?.write(to: &writer)
                writer.member("dry_run", result.isDry)
                writer.endObject()
                writer.endLine()
                try Output.write(writer.bytes)
                if let complaint = result.complaint { throw complaint }
                return
            }
            for key in result.archived where dryRun { try Output.line(key.name) }
            let verb = dryRun ? "Would move" : "Moved"
            try Output.line(
                "\(verb) \(result.archived.count.counted("request")) from done/ to the archive;"
                    + " \(result.early) \(result.early == 1 ? "stays" : "stay") for now.")
            for line in result.deletion?.lines(isDry: dryRun) ?? [] { try Output.line(line) }
            if let complaint = result.complaint { throw complaint }
        }
    }
}
