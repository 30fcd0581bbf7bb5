/// Spans as people write them in options and subscription files: `200ms`, `5s`, `30m`, `2h`, `1d`.
extension Duration {
    /// Reads a whole number and one unit (`ms`, `s`, `m`, `h`, `d`); anything else, a negative number or one that
    /// does not fit is `nil`.
    public init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = Duration.unitsInMilliseconds[String(text.dropFirst(digits.count))]
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, milliseconds <= Int64.max / 1_000_000 else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// The span in the largest unit that holds it without a remainder, readable by `init(text:)`; below a millisecond
    /// it is `0s`.
    public var text: String {
        let milliseconds = wholeMilliseconds
        guard milliseconds != 0 else { return "0s" }
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    /// The span for a person, in its two largest units, rounded down: `2h 5m`, `41s`, `0s`.
    public var rough: String {
        let seconds = max(0, wholeMilliseconds / 1000)
        if seconds >= 86_400 { return "\(seconds / 86_400)d \(seconds / 3600 % 24)h" }
        if seconds >= 3600 { return "\(seconds / 3600)h \(seconds / 60 % 60)m" }
        if seconds >= 60 { return "\(seconds / 60)m \(seconds % 60)s" }
        return "\(seconds)s"
    }

    private static let unitsInMilliseconds: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
}
