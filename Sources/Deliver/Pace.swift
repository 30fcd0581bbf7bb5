public import Times

/// How fast a subscriber is called, as its answers ask for it: 429, 502, 504 and time-outs slow down the whole
/// subscription and not only the delivery that met them.
///
/// The calls under way at once are halved at each such answer and grow by one for each round of successes (additive
/// increase, multiplicative decrease, as TCP does: RFC 5681). A `Retry-After` with 429, 502, 503 or 504 holds back all calls until then,
/// an hour at most.
public struct Pace: Sendable, Equatable {
    /// How many calls may be under way, fractions included.
    private var limit: Double
    /// Answers to calls that began before this moment tell nothing new: they met the old limit.
    private var cutAt = Timestamp.distantPast
    /// Nothing is called before this moment; `nil` if nobody asked for a pause.
    public private(set) var notBefore: Timestamp?

    public static let longestPause = Duration.seconds(3600)

    public init() {
        limit = .infinity
    }

    /// How many calls may be under way at once, of the `most` that the subscription allows.
    public func concurrency(most: Int) -> Int {
        limit >= Double(most) ? most : max(1, Int(limit))
    }

    /// Notes how a call ended.
    ///
    /// - Parameter inFlight: the calls that were under way with it.
    public mutating func record(
        _ result: AttemptResult, startedAt: Timestamp, inFlight: Int, most: Int, at now: Timestamp
    ) {
        switch result {
        case .answer(429, let retryAfter, _), .answer(502, let retryAfter, _), .answer(504, let retryAfter, _):
            slowDown(startedAt: startedAt, inFlight: inFlight, most: most, at: now)
            hold(retryAfter, at: now)
        case .answer(503, let retryAfter, _): hold(retryAfter, at: now)
        case .failure(.timeout), .failure(.connectTimeout):
            slowDown(startedAt: startedAt, inFlight: inFlight, most: most, at: now)
        case .answer(200...299, _, _) where limit < Double(most): limit += 1 / max(limit, 1)
        case .answer(200...299, _, _): limit = .infinity
        case .answer, .instructed, .failure: break
        }
    }

    /// Forgets a pause that is over, or that a clock set back since would make too long.
    public mutating func expire(at now: Timestamp) {
        if let moment = notBefore, moment <= now || moment > now + Pace.longestPause { notBefore = nil }
    }

    private mutating func slowDown(startedAt: Timestamp, inFlight: Int, most: Int, at now: Timestamp) {
        guard startedAt >= cutAt else { return }
        cutAt = now
        limit = max(1, min(limit, Double(min(most, max(inFlight, 1)))) / 2)
    }

    private mutating func hold(_ retryAfter: Duration?, at now: Timestamp) {
        guard let retryAfter, retryAfter > .zero else { return }
        let moment = now + min(retryAfter, Pace.longestPause)
        notBefore = max(notBefore ?? moment, moment)
    }
}
