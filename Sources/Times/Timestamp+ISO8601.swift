/// ISO 8601 as this project writes it: UTC, milliseconds, `2026-11-21T08:36:32.041Z` (RFC 3339, section 5.6).
///
/// Written by hand because it runs several times per invoice; integer arithmetic on days since the epoch also keeps
/// the milliseconds exact, which a floating-point date does not.
extension Timestamp {
    /// The moment as 24 ASCII bytes, rounded down to the millisecond.
    public var iso8601: String {
        let bytes = iso8601Bytes
        return unsafe String(unsafeUninitializedCapacity: bytes.count) { buffer in
            for index in bytes.indices { unsafe buffer[index] = bytes[index] }
            return bytes.count
        }
    }

    /// The bytes of ``iso8601``, which need no memory of their own: several are written for each invoice.
    public var iso8601Bytes: InlineArray<24, UInt8> {
        var bytes = InlineArray<24, UInt8>(repeating: UInt8(ascii: "0"))
        func put(_ value: Int, at place: Int, then separator: Unicode.Scalar) {
            bytes[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
            bytes[place + 1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
            bytes[place + 2] = UInt8(ascii: separator)
        }
        let (year, month, day) = civilDate
        let second = Int(unixSeconds - daysSinceEpoch * 86_400)
        let millisecond = Int(subsecondNanoseconds / 1_000_000)
        put(year / 100, at: 0, then: "-")
        put(year % 100, at: 2, then: "-")
        put(month, at: 5, then: "-")
        put(day, at: 8, then: "T")
        put(second / 3600, at: 11, then: ":")
        put(second / 60 % 60, at: 14, then: ":")
        put(second % 60, at: 17, then: ".")
        put(millisecond / 10, at: 20, then: "Z")
        bytes[22] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: millisecond % 10)
        bytes[23] = UInt8(ascii: "Z")
        return bytes
    }

    /// The UTC day, `2026-11-21`: the name of a folder in archive/.
    public var day: String { String(iso8601.prefix(10)) }

    /// Reads RFC 3339: a date, `T` or a space, a time with or without a fraction (digits past nanoseconds are
    /// dropped), and `Z` or an offset. A bare date is its first moment in UTC. Anything else is `nil`.
    public init?(iso8601 text: String) {
        var reader = FieldReader(text.utf8)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), (1...12).contains(month), reader.skip("-"),
            let day = reader.number(digits: 2), (1...Timestamp.days(in: month, of: year)).contains(day)
        else { return nil }
        var seconds = Timestamp.days(year: year, month: month, day: day) * 86_400
        var nanoseconds = 0
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip("t") || reader.skip(" "),
                let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
                let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
                let second = reader.number(digits: 2), second <= 60
            else { return nil }
            if reader.skip(".") {
                guard let fraction = reader.fraction() else { return nil }
                nanoseconds = fraction
            }
            guard let offset = reader.offset() else { return nil }
            seconds += hour * 3600 + minute * 60 + second - offset
        }
        guard reader.isAtEnd else { return nil }
        self.init(seconds: seconds, nanoseconds: nanoseconds)
    }

    private var daysSinceEpoch: Int64 {
        let (quotient, remainder) = unixSeconds.quotientAndRemainder(dividingBy: 86_400)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Year, month and day in the proleptic Gregorian calendar, counted in 400-year eras that begin on 1 March, so
    /// that the leap day is the last of its year.
    private var civilDate: (year: Int, month: Int, day: Int) {
        let shifted = Int(daysSinceEpoch) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let next = month == 12 ? days(year: year + 1, month: 1, day: 1) : days(year: year, month: month + 1, day: 1)
        return next - days(year: year, month: month, day: 1)
    }
}

/// Takes fixed-width fields off the front of a text.
private struct FieldReader {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) {
        rest = text[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while let digit = digit() {
            if count < 9 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 9)..<9 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(digits: 2), hours < 24, skip(":"), let minutes = number(digits: 2),
            minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func digit() -> Int? {
        guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest.removeFirst()
        return Int(first - UInt8(ascii: "0"))
    }
}
