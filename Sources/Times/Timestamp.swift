/// A moment in UTC: whole nanoseconds since 1970-01-01T00:00:00Z, as file times and JSON carry it.
///
/// Arithmetic saturates at the ends of the range (the years 1678 and 2262), so a wrong clock or a forged file time
/// gives a wrong moment and never a trap.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the Unix epoch; negative before it.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// From the two halves of a `timespec`.
    public init(seconds: Int, nanoseconds: Int) {
        let (scaled, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow2) = scaled.addingReportingOverflow(Int64(nanoseconds))
        self.nanoseconds = overflow || overflow2 ? (seconds < 0 ? .min : .max) : sum
    }

    public static let distantPast = Timestamp(nanoseconds: .min)
    public static let distantFuture = Timestamp(nanoseconds: .max)

    /// Whole seconds since the epoch, rounded down: what `webhook-timestamp` carries.
    public var unixSeconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The nanoseconds within the second, 0 to 999,999,999.
    public var subsecondNanoseconds: Int64 {
        nanoseconds &- unixSeconds &* 1_000_000_000
    }

    /// Rounded up to a whole millisecond, the precision in which moments are written: a moment that is written, read
    /// back and compared must not come out earlier than it was decided.
    public var roundedUpToMillisecond: Timestamp {
        let remainder = subsecondNanoseconds % 1_000_000
        return remainder == 0 ? self : self + .nanoseconds(1_000_000 - remainder)
    }

    /// Cut to a whole millisecond, the precision in which moments are written.
    public var roundedDownToMillisecond: Timestamp {
        let (rounded, overflow) = nanoseconds.subtractingReportingOverflow(subsecondNanoseconds % 1_000_000)
        return overflow ? .distantPast : Timestamp(nanoseconds: rounded)
    }

    /// Whether a file's time is this moment, as far as the file system keeps it: some keep whole seconds only.
    public func isKept(as fileTime: Timestamp) -> Bool {
        fileTime == self || fileTime.subsecondNanoseconds == 0 && fileTime.unixSeconds == unixSeconds
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    public static func + (moment: Timestamp, span: Duration) -> Timestamp {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(span.wholeNanoseconds)
        return Timestamp(nanoseconds: overflow ? (span < .zero ? .min : .max) : sum)
    }

    public static func - (moment: Timestamp, span: Duration) -> Timestamp {
        let (difference, overflow) = moment.nanoseconds.subtractingReportingOverflow(span.wholeNanoseconds)
        return Timestamp(nanoseconds: overflow ? (span < .zero ? .max : .min) : difference)
    }

    /// The span from `b` to `a`; negative if `a` is earlier.
    public static func - (a: Timestamp, b: Timestamp) -> Duration {
        let (difference, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
        return .nanoseconds(overflow ? (a < b ? .min : .max) : difference)
    }
}

extension Duration {
    /// The span in nanoseconds, saturating at what 64 bits hold (292 years).
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow2) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflow2 ? (seconds < 0 ? .min : .max) : sum
    }

    /// The span in milliseconds, rounded towards zero.
    public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}
