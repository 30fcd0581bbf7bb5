public import Times

/// Moments as people give them in options.
public enum Moment {
    /// Reads a date, a date with a time (ISO 8601), or a span before `now` (`2h`, `30m`); `nil` for anything else.
    public static func read(_ text: String, now: Timestamp) -> Timestamp? {
        if let span = Duration(text: text) { return now - span }
        return Timestamp(iso8601: text)
    }
}
