public import Times

/// Tells when somebody has set the wall clock, by another clock that nobody sets.
///
/// A clock that runs a little fast or slow (NTP slews by at most half a millisecond a second, `adjtimex(2)`) is none.
public struct ClockWatch: Sendable {
    private var difference: Duration?

    /// What counts as set: less than that, the schedule does not notice.
    public static let tolerance = Duration.seconds(1)

    public init() {}

    /// How far the clock was set since the last look, forward or, if negative, back; `nil` if it was not.
    ///
    /// - Parameter steady: what the other clock shows at that moment, from any beginning (`CLOCK_BOOTTIME`, which goes
    ///   on while the machine sleeps).
    public mutating func look(wall: Timestamp, steady: Duration) -> Duration? {
        let new = Duration.nanoseconds(wall.nanoseconds) - steady
        defer { difference = new }
        guard let difference, new - difference > ClockWatch.tolerance || difference - new > ClockWatch.tolerance else {
            return nil
        }
        return new - difference
    }
}
