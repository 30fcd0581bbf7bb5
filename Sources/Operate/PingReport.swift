public import Deliver

/// What became of a test event.
public struct PingReport: Sendable, Equatable {
    /// The attempt, as `.attempts` would hold it.
    public let record: AttemptRecord

    init(_ record: AttemptRecord) {
        self.record = record
    }

    /// Whether the receiver answered 2xx.
    public var isDelivered: Bool { record.outcome == .delivered }

    /// The report for a person: a fact a line.
    public var text: String {
        let what = isDelivered ? "delivered" : "failed"
        var lines = [
            "ping       \(record.subscription): \(what), \(reason), in \(record.durationMS) ms",
            "delivery   \(record.deliveryID)",
        ]
        if let way = record.trace.text { lines.append("way        \(way)") }
        if let answer = record.response?.split(whereSeparator: \.isNewline), !answer.isEmpty {
            lines.append("answer     \(answer.joined(separator: " "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var reason: String {
        if let status = record.httpStatus { return "HTTP \(status)" }
        return record.refusal ?? record.error?.rawValue ?? record.outcome.rawValue
    }

    /// The report as one JSON object and a newline: the line that an attempt has in `.attempts`.
    public func encoded() -> [UInt8] { AttemptLine.attempt(record).encoded() }
}
