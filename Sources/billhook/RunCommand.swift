import ArgumentParser
import Daemon
import Engine
import Files
import Logging
import Operate
import Spool
import SystemPackage
import Times

/// `billhook run`: the daemon, and the batch job.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serves a spool: claims what arrives in incoming/, processes it, and delivers its webhooks.",
        discussion: """
            Without --drain it runs until SIGTERM or SIGINT, finishes the attempts under way, and exits with 0. Whatever \
            ends it, the next start goes on where it was. A spool that does not exist is created.

            Exit codes: 0 all went well; 64 wrong usage; 65 with --drain, a request died; 66 the spool's path is no \
            directory; 73 the spool can't be created, as where other files stand; 74 with --drain, the spool could not be read \
            or went away, or the summary can't be written; 75 another process serves the spool, the spool went away and can't \
            be waited for or, with --drain, the disk has no room for the rest; 77 a right is missing; 78 a setting can't be \
            used: of the spool, its file system, or the processor.
            """)

    @OptionGroup var spool: SpoolOption

    @Flag(help: "Works off what is there until nothing can move, prints a summary, and exits.")
    var drain = false

    @Flag(name: .customLong("wait-retries"), help: "With --drain: waits for the requests that have to be retried, too.")
    var waitRetries = false

    @OptionGroup(title: "Processor") var processor: ProcessorOptions

    @Option(help: "What must survive what: 'full' a power cut, 'process' a crash of this process only.")
    var durability: Durability = Environment.value("DURABILITY") ?? .full

    @Option(name: .customLong("max-request-bytes"), help: "The most bytes a request may have.")
    var maximumRequestBytes: Int = Environment.value("MAX_REQUEST_BYTES") ?? 1 << 20

    @Option(
        name: .customLong("idempotency-window"),
        about: "How long a done request keeps its key after it was processed; then it moves to the archive.")
    var idempotencyWindow: Span = Environment.value("IDEMPOTENCY_WINDOW") ?? Span(.seconds(86_400))

    @Option(
        name: .customLong("delete-after"),
        about: "How long ago a day must have ended to be deleted from the archive, for ever: a span, or 'never'.")
    var deleteAfter: Limit = Environment.value("DELETE_AFTER") ?? .never

    @Option(
        name: .customLong("incomplete-after"), about: "How long a cut-off file may wait in incoming/ for its rest.")
    var incompleteAfter: Span = Environment.value("INCOMPLETE_AFTER") ?? Span(.seconds(600))

    @Option(
        name: .customLong("quiet-period"),
        about: "How long a file must not have changed, where it can't be known whether it is open for writing.")
    var quietPeriod: Span = Environment.value("QUIET_PERIOD") ?? Span(.seconds(2))

    @Option(
        name: .customLong("unsubscribe-after"),
        about: "How long a subscription's file must be gone before its pending deliveries end.")
    var unsubscribeAfter: Span = Environment.value("UNSUBSCRIBE_AFTER") ?? Span(.seconds(10))

    @Option(
        name: .customLong("disable-after"),
        about: "How long a subscription may fail without a success before it is disabled: a span, or 'never'.")
    var disableAfter: Limit = Environment.value("DISABLE_AFTER") ?? Limit(.seconds(5 * 86_400))

    @Option(
        name: .customLong("rescan-interval"),
        about: "How often incoming/ is read even if no event told of a change.")
    var rescanInterval: Span = Environment.value("RESCAN_INTERVAL") ?? Span(.seconds(60))

    @Option(
        name: .customLong("shutdown-timeout"), about: "How long the attempts under way may take after a signal to stop."
    )
    var shutdownTimeout: Span = Environment.value("SHUTDOWN_TIMEOUT") ?? Span(.seconds(10))

    @Option(help: "Threads that write and rename; 0 means one for two processors, four at the most.")
    var lanes: Int = Environment.value("LANES") ?? 0

    @Option(
        name: .customLong("minimum-free"),
        help: ArgumentHelp(
            "The free bytes on the disk below which nothing is claimed, such as 512M. (default: 64M, or 5 % of a smaller disk)"
        ))
    var minimumFree: ByteCount?

    @Option(
        name: .customLong("minimum-free-inodes"),
        help: "The same for the files that can still be made. (default: 10000, or 5 % of a smaller disk)")
    var minimumFreeInodes: UInt64?

    @Option(name: .customLong("log-level"), help: "The least that is logged.")
    var logLevel: LogLevel = Environment.value("LOG_LEVEL") ?? .notice

    @Flag(help: "With --drain: prints the summary as a JSON object.")
    var json = false

    func validate() throws {
        if !drain, waitRetries || json { throw ValidationError("--wait-retries and --json go with --drain.") }
        if !(0...64).contains(lanes) { throw ValidationError("--lanes takes a number from 0 to 64.") }
        if maximumRequestBytes < 2 { throw ValidationError("--max-request-bytes takes a number of at least 2.") }
        if rescanInterval.duration <= .zero || quietPeriod.duration <= .zero {
            throw ValidationError("--rescan-interval and --quiet-period take a span greater than zero.")
        }
    }

    func run() throws {
        let writer = try Sysexit.mapping { try starting { try LogWriter(Terminal.write) } }
        defer { writer.flush() }
        try Sysexit.mapping(telling: writer.put) {
            let log = Logger(label: "billhook") { _ in LineLogHandler(writer: writer, logLevel: logLevel.level) }
            guard drain || Restart.awaitSpool(at: FilePath(spool.path), log: log) else { return }
            let daemon = try makeDaemon(log, writer)
            guard drain else {
                let summary = daemon.run()
                // It starts over by itself where it can; where it can't, whoever started it has to.
                if summary.wasDisplaced, !summary.wasToldToStop { throw Sysexit.tryAgain.exitCode }
                return
            }
            let report = DrainReport(asJSON: json, writer)
            let summary = daemon.run { report.progress($0) }
            try report.end(summary)
            if summary.wasBlind || summary.wasDisplaced { throw Sysexit.inputOutput.exitCode }
            if summary.wasStuck { throw Sysexit.tryAgain.exitCode }
            if summary.tally.dead + summary.tally.conflicts + summary.tally.refused > 0 {
                throw Sysexit.dataError.exitCode
            }
        }
    }

    private func makeDaemon(_ log: Logger, _ writer: LogWriter) throws -> Daemon {
        var options = Options(spool: FilePath(spool.path))
        options.mode = drain ? .drain(waitingForRetries: waitRetries) : .serve
        options.durability = durability
        options.maximumRequestBytes = maximumRequestBytes
        options.policy.incompleteAfter = incompleteAfter.duration
        options.policy.idempotencyWindow = idempotencyWindow.duration
        options.policy.deleteAfter = deleteAfter.duration
        options.policy.quietPeriod = quietPeriod.duration
        let free: ByteCount? = minimumFree ?? Environment.value("MINIMUM_FREE")
        options.policy.floor = RoomFloor(
            bytes: free?.bytes, inodes: minimumFreeInodes ?? Environment.value("MINIMUM_FREE_INODES"))
        options.policy.unsubscribeAfter = unsubscribeAfter.duration
        options.policy.disableAfter = disableAfter.duration
        options.rescanInterval = rescanInterval.duration
        options.shutdownTimeout = shutdownTimeout.duration
        options.lanes = lanes
        try processor.apply(to: &options)
        return try starting { try Daemon(options, version: Billhook.version, log: log, writer: writer) }
    }

    private func starting<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SpoolError {
            throw OperateError(error)
        } catch let error as ThreadError {
            throw OperateError(.tryAgain, error.description)
        }
    }
}
