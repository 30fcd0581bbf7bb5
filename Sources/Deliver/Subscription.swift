import Times

/// One webhook subscriber, as its file in subscriptions/ describes it.
///
/// A class, though it never changes: each delivery hands it on a dozen times, and to copy its parts took 600 instructions
/// each time.
public final class Subscription: Sendable {
    /// The file's name without `.json`.
    public let name: String
    /// http or https, with a host; checked for what could be read in two ways, parsed by libcurl in the end.
    public let url: String
    /// What it asks for; never empty.
    public let events: [EventPattern]
    /// The keys that sign its webhooks; without one they go unsigned.
    public let signing: Signing
    /// What an event's body must be like for this subscriber to hear of it; `nil` for anything.
    public let match: Match?
    /// Headers of the user's own, in the file's order. None of them is one that Billhook sets.
    public let headers: [HeaderField]
    /// The time limit of one attempt, from connecting to the last byte of the answer.
    public let timeout: Duration
    /// When a failed delivery is tried again.
    public let retry: RetrySchedule
    /// The most attempts under way at once, 1 to 1024.
    public let concurrency: Int
    /// The most webhooks in a span of time; `nil` for as many as `concurrency` lets through.
    public let rate: Rate?
    /// In which order it hears of invoices.
    public let ordering: Ordering
    /// A file of certificates to trust for this subscriber instead of the system's, the path as written.
    public let caFile: String?

    /// What order a subscriber may ask for.
    public enum Ordering: String, Sendable, CaseIterable {
        /// As they come; a retry holds up nobody.
        case none
        /// A customer's invoices one after the other, in the order in which they were processed: the next waits until the
        /// one before was delivered or given up.
        case customer
    }
    /// Which addresses may be called, through which proxy, and with which certificate.
    public let route: Route

    /// The time limit where the file does not say.
    public static let standardTimeout = Duration.seconds(15)
    /// The attempts under way at once where the file does not say.
    public static let standardConcurrency = 64

    /// A subscription of given parts, which are not checked: that is ``read(name:bytes:readingSecretFile:)``.
    public convenience init(
        name: String, url: String, events: [EventPattern] = [.standard], secret: SigningSecret? = nil,
        headers: [HeaderField] = [], timeout: Duration = standardTimeout, retry: RetrySchedule = .standard,
        concurrency: Int = standardConcurrency, rate: Rate? = nil, ordering: Ordering = .none, caFile: String? = nil
    ) {
        self.init(
            name: name, url: url, events: events,
            signing: secret.map { Signing([Signing.Entry(.shared($0))]) } ?? .none, match: nil, headers: headers,
            timeout: timeout, retry: retry, concurrency: concurrency, rate: rate, ordering: ordering, caFile: caFile,
            route: Route())
    }

    init(
        name: String, url: String, events: [EventPattern], signing: Signing, match: Match?, headers: [HeaderField],
        timeout: Duration, retry: RetrySchedule, concurrency: Int, rate: Rate?, ordering: Ordering, caFile: String?,
        route: Route
    ) {
        self.name = name
        self.url = url
        self.events = events
        self.signing = signing
        self.match = match
        self.headers = headers
        self.timeout = timeout
        self.retry = retry
        self.concurrency = concurrency
        self.rate = rate
        self.ordering = ordering
        self.caFile = caFile
        self.route = route
    }

    /// Whether this subscriber is told of an event of that name, whatever ``match`` makes of its body.
    public func hears(_ event: String) -> Bool {
        events.contains { $0.matches(event) }
    }
}

extension Subscription: Equatable {
    public static func == (a: Subscription, b: Subscription) -> Bool {
        if a === b { return true }
        return a.name == b.name && a.url == b.url && a.events == b.events && a.signing == b.signing
            && a.match == b.match && a.headers == b.headers && a.timeout == b.timeout && a.retry == b.retry
            && a.concurrency == b.concurrency && a.rate == b.rate && a.ordering == b.ordering && a.caFile == b.caFile
            && a.route == b.route
    }
}

extension Subscription: CustomStringConvertible {
    public var description: String { "subscription \(name)" }
}
