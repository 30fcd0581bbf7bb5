public import Times

/// Keeps calls from a subscriber that fails most of them, until one that is let through succeeds.
///
///     closed      at least half of the last 20 calls failed, 10 at least     → open
///     open        its pause is over                                          → one call is let through
///     that call   succeeded                                                  → closed
///     that call   failed                                                     → open, twice as long, 30 s at most
///
/// A call fails here if it says that the subscriber is unwell: a network error, a time-out, 429, or any 5xx. An answer
/// that refuses one webhook (400, 422) says nothing about the next. What waits meanwhile uses up no attempt.
public struct Breaker: Sendable, Equatable {
    /// What a call's end changed.
    public enum Change: Sendable, Equatable {
        case opened(until: Timestamp)
        case closed
    }

    private var outcomes: UInt32 = 0
    private var count = 0
    private var openings = 0
    /// Until when nothing is called; `nil` while calls go through.
    public private(set) var openUntil: Timestamp?

    static let window = 20
    static let least = 10
    static let firstPause = Duration.seconds(1)
    public static let longestPause = Duration.seconds(30)

    public init() {}

    /// How many calls may be under way: one while it is open, whose pause must be over by then.
    public var isOpen: Bool { openUntil != nil }

    /// Notes how a call ended. Of those that began before it opened, a success closes it and a failure changes nothing.
    public mutating func record(_ health: Health, startedAt: Timestamp, at now: Timestamp) -> Change? {
        if let openUntil {
            switch health {
            case .well:
                self = Breaker()
                return .closed
            case .unwell where startedAt >= openUntil: return open(at: now)
            case .unwell, .unsaid: return nil
            }
        }
        guard health != .unsaid else { return nil }
        outcomes = (outcomes << 1 | (health == .unwell ? 1 : 0)) & (1 << UInt32(Breaker.window) - 1)
        count = min(count + 1, Breaker.window)
        guard count >= Breaker.least, outcomes.nonzeroBitCount * 2 >= count, health == .unwell else { return nil }
        return open(at: now)
    }

    private mutating func open(at now: Timestamp) -> Change {
        let pause = min(Breaker.firstPause * (1 << min(openings, 10)), Breaker.longestPause)
        openings += 1
        openUntil = now + pause
        return .opened(until: now + pause)
    }
}

/// What the end of a call says about how its subscriber is.
public enum Health: Sendable, Equatable {
    case well, unwell
    /// It answered, and did not want this one webhook.
    case unsaid

    public static func of(_ result: AttemptResult) -> Health {
        switch result {
        case .answer(200...299, _, _), .instructed(_, 200...299, _): .well
        case .answer(429, _, _), .answer(500..., _, _), .instructed(_, 429, _), .instructed(_, 500..., _): .unwell
        case .answer, .instructed: .unsaid
        case .failure(let failure): failure.isPermanent ? .unsaid : .unwell
        }
    }
}
