public import ArgumentParser
public import Deliver
import Files
import Glibc
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

    @Option(
        name: .long,
        help:
            "For a retry: take those that stand in 'dead', the default; in 'hold', to be released; or in 'processing', to try now what waits for a later attempt."
    )
    var state: String?

    @Option(
        name: .long, help: "Move no more than this: 50/s, 600/m, 1000/h. A bulk move keeps to 500/s if it is not given."
    )
    var rate: Rate?

    @Option(name: .long, help: "Take those that failed or were processed before then, written like --since.")
    var until: String?

    @Option(
        name: .long,
        help: """
            Take those whose event meets these conditions, the JSON of a subscription's match: \
            '{"data": {"customer_id": "acme"}}'.
            """)
    var match: String?

    @Flag(name: .long, help: "Print what would be moved, and move nothing.")
    var dryRun = false

    private var isFiltered: Bool { state != nil || subscription != nil || match != nil || since != nil || until != nil }

    func check() throws {
        if all, !keys.isEmpty { throw ValidationError("--all takes no keys; leave one of the two out.") }
        if !all, keys.isEmpty, !isFiltered {
            throw ValidationError("Say which requests: keys, --subscription, --match, --since, --until, or --all.")
        }
        if let match {
            do throws(MatchTextError) {
                _ = try Match(text: match)
            } catch {
                throw ValidationError("--match: \(error)")
            }
        }
        for text in [since, until] {
            if let text, Moment.read(text, now: .now) == nil {
                throw ValidationError(
                    "'\(text)' is no moment; write 2026-11-21T08:00:00Z, 2026-11-21, or a span ago like 2h.")
            }
        }
    }

    /// The state that was named, which must be one that the verb takes requests from.
    func source(of verb: Returner.Verb) throws -> State? {
        guard let state else { return nil }
        guard let source = State(rawValue: state), verb.sources.contains(source) else {
            let names = verb.sources.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw ValidationError("--state takes \(names) here, not '\(state)'.")
        }
        return source
    }

    /// How fast; named keys go at once.
    var pacer: Pacer? {
        guard let rate = rate ?? (keys.isEmpty ? Rate(text: "500/s") : nil) else { return nil }
        // Nothing but the clock is waited for; an hour, the longest span of a rate, fits into microseconds.
        return Pacer(rate, now: { .now }, sleep: { usleep(UInt32(clamping: $0.wholeMilliseconds + 1) * 1000) })
    }

    /// The filter, reckoned from now.
    func filter(now: Timestamp) -> Returner.Filter {
        Returner.Filter(
            subscription: subscription, since: since.flatMap { Moment.read($0, now: now) },
            until: until.flatMap { Moment.read($0, now: now) }, match: match.flatMap { try? Match(text: $0) })
    }
}

extension Rate: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(text: argument)
    }
}
