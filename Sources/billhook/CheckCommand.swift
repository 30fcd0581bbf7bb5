import ArgumentParser
import Files
import Operate
import Times

/// `billhook check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Explains, and repairs, what must not be in a spool.",
        discussion: """
            Reads all of the spool but the archive, and says of everything that is out of place what it is and what to do. \
            Nothing is changed without --repair, which needs the spool for itself: beside a daemon it exits with 75. \
            Exits with 65 while errors are left; warnings and notes are none.
            """)

    @OptionGroup var spool: SpoolOption

    @Flag(help: "Mends what is safe to mend. Nothing is removed whose content stands nowhere else.")
    var repair = false

    @OptionGroup var output: OutputOption

    func run() throws {
        try Sysexit.mapping {
            let spool = try spool.open()
            // Before anything else is opened: the watcher's descriptor must be a low one.
            let capabilities = SpoolCapabilities.probe(spool, watching: true)
            let checker = Checker(spool, capabilities: capabilities, host: .measure(spool))
            let report = try repair ? checker.repair(now: .now) : checker.check(now: .now)
            try Output.write(output.json ? report.encoded() : Array(report.text().utf8))
            if report.isIllegal { throw Sysexit.dataError.exitCode }
        }
    }
}
