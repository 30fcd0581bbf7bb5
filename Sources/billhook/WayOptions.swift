import ArgumentParser
import Operate

/// How a new subscription is called: how fast, in which order, and by which way.
struct WayOptions: ParsableArguments {
    @Option(name: .long, help: "The most webhooks in a span of time: 50/s, 600/m, 1000/h.")
    var rate: String?

    @Option(
        name: .long,
        help: "'customer': a customer's later invoices wait until the earlier ones were delivered or given up.")
    var ordering: String?

    @Option(
        name: .long,
        help: """
            Blocks of addresses that its host may resolve to though they are private, like 10.0.0.0/8, with commas between \
            them. It may be given several times.
            """)
    var allow: [String] = []

    @Option(name: .long, help: "A forward proxy, like http://proxy.example:3128.")
    var proxy: String?

    @Option(
        name: .long, help: "A PEM file of certificate authorities to trust instead of the system's.",
        completion: .file())
    var caFile: String?

    @Option(name: .long, help: "A PEM file with a certificate to show to the receiver.", completion: .file())
    var clientCert: String?

    @Option(
        name: .long, help: "A PEM file with the certificate's key, if that is not in the same file.",
        completion: .file())
    var clientKey: String?

    func apply(to draft: inout SubscriptionDraft) {
        draft.rate = rate
        draft.ordering = ordering
        draft.allow = allow.flatMap(\.commaSeparated)
        draft.proxy = proxy
        draft.caFile = caFile.map { WorkingDirectory.absolute($0) }
        draft.clientCert = clientCert.map { WorkingDirectory.absolute($0) }
        draft.clientKey = clientKey.map { WorkingDirectory.absolute($0) }
    }
}
