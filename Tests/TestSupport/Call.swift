/// A request as a `Receiver` got it.
public struct Call: Sendable {
    /// `POST`, as a rule.
    public let method: String
    /// The path with its query.
    public let path: String
    /// Header fields in order, names in lower case, values without the blanks around them.
    public let headers: [(name: String, value: String)]
    /// The whole body.
    public let body: [UInt8]
    /// Which call of this receiver it is, from 0, in the order in which they were complete.
    public let index: Int
    /// Which connection it came over, from 0.
    public let connection: Int

    /// The first value of a header, whatever its case.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name == name }?.value
    }

    /// `X-Delivery-ID`.
    public var deliveryID: String? { header("x-delivery-id") }
    /// `X-Event-Type`.
    public var eventType: String? { header("x-event-type") }
    /// `X-Attempt`.
    public var attempt: Int? { header("x-attempt").flatMap { Int($0) } }
    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
