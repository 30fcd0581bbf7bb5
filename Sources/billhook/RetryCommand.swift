import ArgumentParser
import Operate

/// `billhook retry`
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Tries requests again: moves them from dead/ back to incoming/.",
        discussion: """
            One that was processed is not processed again: only its deliveries without a 2xx answer get a fresh round of \
            attempts. One that was rejected is read again, so correct it first. Conflicting drops are left alone. With --state hold it releases \
            what is parked; with --state processing it tries now what waits for a later attempt.
            """)

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption
    @OptionGroup var selection: SelectionOptions

    func validate() throws {
        try selection.check()
        _ = try selection.source(of: .retry)
    }

    func run() throws {
        try Sysexit.mapping {
            var run = ReturnRun(.retry, selection, isJSON: output.json)
            try run.run(in: spool.open())
        }
    }
}

/// `billhook replay`
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Moves requests from done/ back to incoming/, to call their subscribers again.",
        discussion: """
            Every current subscriber that matches is called again, with the same delivery ids, also if only those with a \
            delivery to one of them are selected. Nothing is processed again.
            """)

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption
    @OptionGroup var selection: SelectionOptions

    func validate() throws {
        try selection.check()
        _ = try selection.source(of: .replay)
    }

    func run() throws {
        try Sysexit.mapping {
            var run = ReturnRun(.replay, selection, isJSON: output.json)
            try run.run(in: spool.open())
        }
    }
}
