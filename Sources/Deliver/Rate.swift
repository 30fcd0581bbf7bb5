public import Times

/// How many webhooks a subscriber takes in a span of time: `50/s`, `600/m`, `1000/h`.
public struct Rate: Sendable, Equatable {
    /// At least 1.
    public let count: Int
    /// A second, a minute or an hour.
    public let span: Duration

    /// The most that can be asked for in any span.
    public static let maximumCount = 1_000_000

    /// Reads `COUNT/s`, `COUNT/m` or `COUNT/h`; `nil` for anything else.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(parts[0]),
            (1...Rate.maximumCount).contains(count)
        else { return nil }
        switch parts[1] {
        case "s": span = .seconds(1)
        case "m": span = .seconds(60)
        case "h": span = .seconds(3600)
        default: return nil
        }
        self.count = count
    }

    /// As it is written in a subscription file.
    public var text: String {
        let unit = span == .seconds(1) ? "s" : span == .seconds(60) ? "m" : "h"
        return "\(count)/\(unit)"
    }

    /// The time between two calls that are evenly spread.
    var interval: Duration { span / count }
}

/// Spreads the calls of one subscription so that it gets no more than its rate, and no burst of more than a tenth of a
/// second's worth.
///
/// The generic cell rate algorithm (ITU-T I.371): one moment is all there is to remember, however many calls wait.
public struct Throttle: Sendable, Equatable {
    public let rate: Rate
    /// When the calls so far would have ended if each took its interval.
    private var horizon = Timestamp.distantPast

    public init(_ rate: Rate) {
        self.rate = rate
    }

    /// How far the calls may run ahead of their even spread.
    private var tolerance: Duration {
        max(.zero, min(.milliseconds(100), rate.span) - rate.interval)
    }

    /// When the next call may begin; not after `now` means at once.
    public func next(at now: Timestamp) -> Timestamp {
        // A horizon further ahead than calls can put it comes from a clock that was set back since.
        horizon > now + rate.interval + tolerance ? now : horizon - tolerance
    }

    /// Notes that a call begins.
    public mutating func begin(at now: Timestamp) {
        let start = horizon > now + rate.interval + tolerance ? now : max(horizon, now)
        horizon = start + rate.interval
    }
}
