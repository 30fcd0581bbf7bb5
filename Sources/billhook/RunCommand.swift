import ArgumentParser
import Daemon
import Logging
import Spool
import SystemPackage

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Serves a spool.")

    @Option var spool = "spool"
    @Flag var drain = false

    func run() throws {
        var options = Options(spool: FilePath(spool))
        if drain { options.mode = .drain(waitingForRetries: false) }
        options.durability = .process
        let daemon = try Daemon(
            options, version: Billhook.version,
            log: Logger(label: "billhook") { StreamLogHandler.standardError(label: $0) })
        print(daemon.run())
    }
}
