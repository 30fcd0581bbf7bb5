public import ArgumentParser
public import Operate
import Spool
import Times

/// `billhook submit`
struct SubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Drops requests into a spool, whole and durable.",
        discussion: """
            The key of a FILE is its name without .json, that of a line of JSON Lines its idempotency_key, or else the SHA-256 \
            of its content; where the spool was made with --key-from, the key of each is what the spool derives. An invalid request is not dropped. The same request again is a duplicate: it prints the first \
            invoice and exits with 0. Another request with a key that is taken is a conflict: it is not dropped, and exits \
            with 65.

            Exit codes: 0 all went well; 65 a request is invalid or conflicts, or has died while it was waited for; 66 a file \
            or the spool does not exist; 75 it had not ended when the time to wait was over.
            """)

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The request files; '-' or none means standard input.", completion: .file())
    var file: [String] = []

    @Option(help: "The idempotency key, for a single request; not where the spool takes keys from the content.")
    var key: String?

    @Option(help: "Makes the request itself: who is billed. It takes --amount-cents and --key as well.")
    var customer: String?

    @Option(name: .customLong("amount-cents"), help: "Makes the request itself: how much, in cents.")
    var amountCents: Int64?

    @Option(help: "Makes the request itself: the currency, three letters. Without it: USD.")
    var currency: String?

    @Flag(help: "Reads the files as JSON Lines, a request a line.")
    var jsonl = false

    @Option(help: "Waits until the requests are in done/ or dead/, or with --wait=processed until they are processed.")
    var wait: Waiter.Goal?

    @Option(name: .customLong("wait-timeout"), about: "How long to wait.")
    var waitTimeout: Span = Environment.value("WAIT_TIMEOUT") ?? Span(.seconds(30))

    @Option(name: .customLong("max-request-bytes"), help: "The most bytes a request may have.")
    var maximumRequestBytes: Int = Environment.value("MAX_REQUEST_BYTES") ?? Submission.standardMaximumBytes

    private var makesRequest: Bool { customer != nil || amountCents != nil || currency != nil }

    func validate() throws {
        if maximumRequestBytes < 2 { throw ValidationError("--max-request-bytes takes a number of at least 2.") }
        if jsonl {
            guard key == nil, !makesRequest else {
                throw ValidationError(
                    "With --jsonl each line has its own key and content; leave --key and the like out.")
            }
            return
        }
        if makesRequest {
            guard customer != nil, amountCents != nil else {
                throw ValidationError("To make a request, give both --customer and --amount-cents.")
            }
            guard file.isEmpty else { throw ValidationError("Give either files, or --customer and --amount-cents.") }
        }
        if key != nil, file.count > 1 {
            throw ValidationError("--key goes with a single request; the key of a file is its name without .json.")
        }
    }

    func run() throws {
        try Sysexit.mapping {
            let spool = try spool.open()
            try checkKey(spool.keySource)
            let run = SubmitRun(
                spool, goal: wait, timeout: waitTimeout.duration, maximumBytes: maximumRequestBytes,
                isJSON: output.json)
            try run.submit(self)
            if let code = try run.finish() { throw code.exitCode }
        }
    }

    /// Whether a key has to be given is known only when the spool is.
    private func checkKey(_ keySource: KeySource) throws(OperateError) {
        if keySource != .name, key != nil {
            throw OperateError(
                .usage, "This spool takes the key of a request from its content (\(keySource)); leave --key out.")
        }
        if keySource == .name, key == nil, !jsonl, makesRequest || file.isEmpty || file.contains("-") {
            throw OperateError(
                .usage, "A request that is in no file needs its idempotency key: give it with --key.")
        }
    }
}

extension Waiter.Goal: ExpressibleByArgument {}
