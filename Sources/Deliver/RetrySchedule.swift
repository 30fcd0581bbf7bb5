import Times

/// When a failed delivery is tried again: the waits between its attempts, so n waits are n + 1 attempts.
///
/// The standard schedule is that of the Standard Webhooks specification, ten attempts over three days:
///
///     after attempt   1    2    3     4    5    6     7     8     9     10
///     wait            5 s  5 m  30 m  2 h  5 h  10 h  14 h  20 h  24 h  give up
///
/// An exponential schedule is the same thing with computed waits: `base`, `base * factor`, `base * factor²`, …, none
/// longer than `cap`.
public struct RetrySchedule: Sendable, Equatable {
    /// The waits, in order; empty means one attempt and no retry.
    public let waits: [Duration]
    /// How far a wait may be lengthened at random, as a share of it from 0 to 1.
    public let jitterFraction: Double

    /// The most retries a schedule can have.
    public static let maximumWaits = 1000
    /// The longest wait a schedule can have: 30 days.
    public static let maximumWait = Duration.seconds(30 * 86_400)
    /// The steepest growth of an exponential schedule.
    public static let maximumFactor = 1000.0
    /// The most that a receiver can ask for with `Retry-After`: one day.
    public static let maximumRetryAfter = Duration.seconds(86_400)
    /// The share of a wait that is added at random where the file does not say.
    public static let standardJitter = 0.1

    /// The waits in the table above.
    public static let standard = RetrySchedule(
        waits: [.seconds(5), .seconds(300), .seconds(1800)] + [2, 5, 10, 14, 20, 24].map { .seconds($0 * 3600) })

    /// A schedule of given waits. What is out of bounds is brought to the nearest bound: a wait to 0 … 30 days, the
    /// jitter to 0 … 1, and waits beyond the thousandth are left out.
    public init(waits: [Duration], jitterFraction: Double = standardJitter) {
        self.waits = waits.prefix(RetrySchedule.maximumWaits).map { min(max($0, .zero), RetrySchedule.maximumWait) }
        self.jitterFraction = jitterFraction >= 0 ? min(jitterFraction, 1) : 0
    }

    /// A schedule of `maxAttempts` attempts whose waits begin at `base` and grow by `factor` up to `cap`.
    ///
    /// The numbers are brought into bounds as by `init(waits:jitterFraction:)`; the factor to 1 … 1000.
    public static func exponential(
        maxAttempts: Int, base: Duration, factor: Double, cap: Duration, jitterFraction: Double = standardJitter
    ) -> RetrySchedule {
        let cap = min(max(cap, .zero), maximumWait)
        let factor = factor >= 1 ? min(factor, maximumFactor) : 1
        var waits: [Duration] = []
        var wait = min(max(base, .zero), cap)
        for _ in 1..<min(max(maxAttempts, 1), maximumWaits + 1) {
            waits.append(wait)
            wait = min(wait.scaled(by: factor), cap)
        }
        return RetrySchedule(waits: waits, jitterFraction: jitterFraction)
    }

    /// The number of attempts in a round, at least 1.
    public var maximumAttempts: Int { waits.count + 1 }

    /// How long to wait after a failed attempt; `nil` means that it was the last one.
    ///
    /// The answer is `max(step, Retry-After)` plus a random part of the step. The random part is only ever added: a wait
    /// that undercut `Retry-After` would be answered 429 again.
    ///
    /// - Parameters:
    ///   - n: which attempt of this round failed, from 1.
    ///   - retryAfter: what the receiver asked for; more than a day counts as a day, less than nothing as nothing.
    ///   - random: a number from 0 up to, not including, 1, drawn by the caller.
    public func wait(afterAttempt n: Int, retryAfter: Duration?, random: Double) -> Duration? {
        guard n <= waits.count else { return nil }
        let step = waits[max(n, 1) - 1]
        let asked = min(max(retryAfter ?? .zero, .zero), RetrySchedule.maximumRetryAfter)
        let drawn = random >= 0 ? min(random, 1) : 0
        return max(step, asked) + step.scaled(by: jitterFraction * drawn)
    }

    /// The longest span that ``wait(afterAttempt:retryAfter:random:)`` can answer: a moment further ahead than this comes
    /// from a wrong clock. Zero if the schedule has no waits.
    public var longestWait: Duration {
        guard let longest = waits.max() else { return .zero }
        return max(longest, RetrySchedule.maximumRetryAfter) + longest.scaled(by: jitterFraction)
    }
}

extension Duration {
    /// The span times a factor, in whole nanoseconds: a double holds those exactly for a hundred days, and the longest
    /// wait times the steepest factor still fits 64 bits.
    fileprivate func scaled(by factor: Double) -> Duration {
        .nanoseconds(Int64((Double(wholeNanoseconds) * factor).rounded()))
    }
}
