import JSON

extension Subscription {
    /// The first of its conditions that an event's body does not meet; `nil` if it meets all, or there are none.
    ///
    /// - Parameter body: one JSON object; bytes that can't be read meet every condition, as nothing must pass anybody by.
    public func failure(of body: [UInt8]) -> MatchFailure? {
        guard let match, let value = JSONValue(eventBody: body) else { return nil }
        return match.failure(of: value)
    }
}

extension JSONValue {
    /// Reads an event's body, in which a request that is as deep as the reader lets it stands some levels deeper.
    init?(eventBody bytes: [UInt8]) {
        guard let value = try? JSONReader.read(bytes, maximumDepth: 512) else { return nil }
        self = value
    }
}
