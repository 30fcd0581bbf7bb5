import JSON
public import Times

/// How long a subscription has been failing, and what follows from that.
///
///     first failure                            counted from here; a success ends it
///     after a minute, or an eighth of the span written down: it survives a restart
///     after half the span                      people are warned
///     after the span, and half of it since the warning    the subscription is disabled
///
/// The second condition on the last line gives a subscription that is seldom called its warning, too. A value: it
/// reads no clock and no file.
public struct SubscriptionHealth: Sendable, Equatable {
    /// When it failed first with no success since, in whole milliseconds.
    public private(set) var failingSince: Timestamp
    /// When people were warned.
    public private(set) var warnedAt: Timestamp?
    /// Whether it has been written down.
    public private(set) var isKept = false

    /// What follows from a failed attempt.
    public enum Step: Sendable, Equatable {
        case nothing
        /// To be written down.
        case keep
        /// To be written down, and people are to be warned.
        case warn
        case disable
    }

    /// A subscription that failed for the first time just now.
    public init(failingSince now: Timestamp) {
        failingSince = now.roundedDownToMillisecond
    }

    /// Takes note of a failed attempt.
    ///
    /// - Parameter limit: how long a subscription may fail; `nil` for ever.
    public mutating func failed(at now: Timestamp, limit: Duration?) -> Step {
        guard let limit else { return .nothing }
        // A moment that is still to come was taken from a clock that has been set back since.
        if failingSince > now + .seconds(1) { self = SubscriptionHealth(failingSince: now) }
        let age = now - failingSince
        if let warnedAt {
            return age >= limit && now - warnedAt >= limit / 2 ? .disable : .nothing
        }
        if age >= limit / 2 {
            warnedAt = now.roundedDownToMillisecond
            isKept = true
            return .warn
        }
        guard !isKept, age >= min(.seconds(60), limit / 8) else { return .nothing }
        isKept = true
        return .keep
    }

    /// The same for a wall clock that was set by so much.
    public func shifted(by shift: Duration) -> SubscriptionHealth {
        var shifted = self
        shifted.failingSince = failingSince + shift
        shifted.warnedAt = warnedAt.map { $0 + shift }
        return shifted
    }

    /// What `.billhook/health/NAME.json` holds: one JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("failing_since", failingSince)
        if let warnedAt { writer.member("warned_at", warnedAt) }
        writer.endObject()
        return writer.bytes + [ASCII.newline]
    }

    /// Reads what `encoded` wrote; `nil` for what a crash tore or something else wrote, which counts as well.
    public init?(reading bytes: [UInt8]) {
        guard let object = (try? JSONReader.read(bytes))?.object,
            let since = object["failing_since"]?.string.flatMap({ Timestamp(iso8601: $0) })
        else { return nil }
        failingSince = since
        warnedAt = object["warned_at"]?.string.flatMap { Timestamp(iso8601: $0) }
        isKept = true
    }
}
