import ArgumentParser
import JSON
import Operate
import SystemPackage
import Times

/// `billhook subscribe`
struct SubscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe",
        abstract: "Adds a webhook subscriber.",
        discussion: """
            Checks the subscription and writes subscriptions/NAME.json; a daemon that runs picks it up at once. A secret is made \
            for it and printed once, unless one is given; one that is replaced keeps the secret it has.
            """)

    @OptionGroup var spool: SpoolOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The subscription's name: letters, digits and ._@+=-")
    var name: String

    @Argument(help: "The URL that is called, http or https.")
    var url: String

    @Option(
        name: .long,
        help: "The events it hears, names or wildcards, with commas between them. Without it: invoice.*")
    var events: [String] = []

    @Option(
        name: .long,
        help:
            "The secret that signs its webhooks. Other users can see it in the list of processes: prefer --secret-file."
    )
    var secret: String?

    @Option(name: .long, help: "A file that holds the secret.", completion: .file())
    var secretFile: String?

    @Flag(name: .long, help: "Send its webhooks unsigned.")
    var noSecret = false

    @Option(name: .long, help: "The time limit of one attempt, like 15s.")
    var timeout: String?

    @Option(name: .long, help: "The waits between attempts, like 5s,5m,30m. An empty text means a single attempt.")
    var retry: String?

    @Option(name: .long, help: "The most attempts under way at once.")
    var concurrency: Int?

    @Option(name: .long, help: "A header to send along, as 'Name: value'. It may be given several times.")
    var header: [String] = []

    @Flag(name: .long, help: "Sign with a new ed25519 key pair; the receiver gets the public key, which can't sign.")
    var asymmetric = false

    @Option(
        name: .long,
        help: """
            Conditions on the event, as JSON: only events that meet them are heard. Like \
            '{"data": {"currency": "EUR", "amount_cents": {"$gt": 100000}}}'.
            """)
    var match: String?

    @OptionGroup var way: WayOptions

    @Flag(name: .long, help: "Replace the subscription of this name.")
    var replace = false

    @Flag(name: .long, help: "Check it, and write nothing.")
    var dryRun = false

    @Option(
        name: .long, parsing: .upToNextOption,
        help: "With --dry-run: tell of these keys, or request files, whether the subscription would hear of them.")
    var against: [String] = []

    func validate() throws {
        let ways = [secret != nil, secretFile != nil, noSecret, asymmetric].filter { $0 }.count
        guard ways <= 1 else {
            throw ValidationError(
                "--secret, --secret-file, --asymmetric and --no-secret exclude each other; give one of them.")
        }
        guard dryRun || against.isEmpty else {
            throw ValidationError("--against only asks, and the subscription would be written; add --dry-run.")
        }
        for text in header where !text.contains(":") {
            throw ValidationError("A --header has no colon; write it as 'Name: value'.")
        }
    }

    func run() throws {
        try Sysexit.mapping {
            if dryRun {
                return try TrialRun(draft, keys: against, isJSON: output.json).run(in: spool.open())
            }
            let receipt = try Subscriber(spool.open()).subscribe(draft, replacing: replace)
            try Output.write(output.json ? json(receipt) : Array(text(receipt).utf8))
        }
    }

    private var draft: SubscriptionDraft {
        var draft = SubscriptionDraft(name: name, url: url)
        draft.events = events.flatMap(\.commaSeparated)
        if let secret { draft.secret = .given(secret) }
        if let secretFile { draft.secret = .file(WorkingDirectory.absolute(secretFile)) }
        if noSecret { draft.secret = .none }
        if asymmetric { draft.secret = .newPair }
        draft.match = match
        way.apply(to: &draft)
        draft.timeout = timeout
        draft.retry = retry.map(\.commaSeparated)
        draft.concurrency = concurrency
        draft.headers = header.map { text in
            let name = text.prefix { $0 != ":" }
            return (String(name), String(text.dropFirst(name.count + 1).drop { $0 == " " }))
        }
        return draft
    }

    private func text(_ receipt: Subscriber.Receipt) -> String {
        var text = "\(receipt.replaced ? "Replaced" : "Added") the subscription \(name) in \(receipt.path).\n"
        if let secret = receipt.newSecret {
            text += "Its secret is \(secret)\nThe receiver needs it to verify the signatures; it is not shown again.\n"
        } else if receipt.keptSecret {
            text += "It keeps the secret it had.\n"
        } else if noSecret {
            text += "Its webhooks are not signed.\n"
        }
        for key in receipt.publicKeys {
            text += "Its public key is \(key)\nThe receiver needs it to verify the signatures (ed25519, v1a).\n"
        }
        return text
    }

    private func json(_ receipt: Subscriber.Receipt) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("subscription", name)
        writer.member("path", receipt.path.string)
        writer.member("replaced", receipt.replaced)
        if let secret = receipt.newSecret { writer.member("secret", secret) }
        if let key = receipt.publicKeys.first { writer.member("public_key", key) }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}
