import ArgumentParser
import Files
import Operate
import Spool
import Times

/// Which requests a bulk command means.
struct SelectionOptions: ParsableArguments {
    @Argument(help: "The keys, or the paths of the requests.")
    var keys: [String] = []

    @Flag(name: .long, help: "Take all that stand there.")
    var all = false

    @Option(
        name: .long,
        help: "Take those with a delivery to this subscription; for a retry, with one that was given up.")
    var subscription: String?

    @Option(
        name: .long,
        help:
            "Take those that failed (retry) or were processed (replay) then or later: 2026-11-21T08:00:00Z, or 2h for two hours ago."
    )
    var since: String?

    @Option(name: .long, help: "Take those that failed or were processed before then, written like --since.")
    var until: String?

    @Flag(name: .long, help: "Print what would be moved, and move nothing.")
    var dryRun = false

    private var isFiltered: Bool { subscription != nil || since != nil || until != nil }

    func check() throws {
        if all, !keys.isEmpty { throw ValidationError("--all takes no keys; leave one of the two out.") }
        if !all, keys.isEmpty, !isFiltered {
            throw ValidationError("Say which requests: keys, --subscription, --since, --until, or --all.")
        }
        for text in [since, until] {
            if let text, Moment.read(text, now: .now) == nil {
                throw ValidationError(
                    "'\(text)' is no moment; write 2026-11-21T08:00:00Z, 2026-11-21, or a span ago like 2h.")
            }
        }
    }

    /// The filter, reckoned from now.
    func filter(now: Timestamp) -> Returner.Filter {
        Returner.Filter(
            subscription: subscription, since: since.flatMap { Moment.read($0, now: now) },
            until: until.flatMap { Moment.read($0, now: now) })
    }
}
