import JSON

extension Subscription {
    /// The first of its conditions that an event's body does not meet; `nil` if it meets all, or there are none.
    ///
    /// - Parameter body: one JSON object; bytes that can't be read meet every condition, as nothing must pass anybody by.
    public func failure(of body: [UInt8]) -> MatchFailure? {
        match?.failure(ofBody: body)
    }
}

extension Match {
    /// Reads conditions as a person gives them, one JSON object. Throws a whole sentence's worth of what is wrong.
    public init(text: String) throws(MatchTextError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(Array(text.utf8))
        } catch {
            throw MatchTextError(description: "The conditions are not JSON. \(error)")
        }
        do throws(FieldProblem) {
            self = try Match.read(value)
        } catch {
            throw MatchTextError(error)
        }
    }

    /// The first condition that an event's body does not meet; `nil` if it meets all, or can't be read.
    public func failure(ofBody body: [UInt8]) -> MatchFailure? {
        JSONValue(eventBody: body).flatMap { failure(of: $0) }
    }
}

extension JSONValue {
    /// Reads an event's body, in which a request that is as deep as the reader lets it stands some levels deeper.
    init?(eventBody bytes: [UInt8]) {
        guard let value = try? JSONReader.read(bytes, maximumDepth: 512) else { return nil }
        self = value
    }
}
