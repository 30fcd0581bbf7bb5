import JSON

/// The members of a roster as far as it matters for who hears of an event, in the order of their names.
///
/// Made anew when that changes, because it is asked for every invoice and changes with a file.
struct Listeners: Sendable {
    private struct Listener {
        let name: String
        /// `nil` for one whose file has never been good.
        let subscription: Subscription?
    }

    /// Who hears events of one name, before their bodies are looked at.
    struct Audience: Sendable {
        let names: [String]
        /// The filters of those that have one, by their place in `names`.
        let filters: [Int: Match]
    }

    private let listeners: [Listener]
    private let ofInvoices: Audience

    init(_ members: some Sequence<Roster.Member> = []) {
        listeners = members.map { Listener(name: $0.name, subscription: $0.subscription) }.sorted { $0.name < $1.name }
        ofInvoices = Listeners.audience(of: EventBody.invoiceProcessed, among: listeners)
    }

    func audience(of event: String) -> Audience {
        event == EventBody.invoiceProcessed ? ofInvoices : Listeners.audience(of: event, among: listeners)
    }

    private static func audience(of event: String, among listeners: [Listener]) -> Audience {
        let isForAll = !EventBody.isOperatorEvent(event)
        let hearing = listeners.filter { $0.subscription?.hears(event) ?? isForAll }
        var filters: [Int: Match] = [:]
        for (place, listener) in hearing.enumerated() { filters[place] = listener.subscription?.match }
        return Audience(names: hearing.map(\.name), filters: filters)
    }
}

extension Listeners.Audience {
    /// The names of those whose filter the body meets. One that can't be read meets all: nothing must pass anybody by.
    func names(hearing body: [UInt8]) -> [String] {
        guard !filters.isEmpty, let body = JSONValue(eventBody: body) else { return names }
        return names.enumerated().filter { place, _ in filters[place]?.matches(body) ?? true }.map(\.element)
    }
}
