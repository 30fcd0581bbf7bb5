import Times

extension FuzzTarget {
    static let timestamp = FuzzTarget(
        name: "timestamp",
        examples: [
            "2026-11-21T10:00:00Z", "2026-11-21T10:00:00.123Z", "1969-12-31T23:59:59.999999999Z",
            "2024-02-29T00:00:00Z",
            "2262-04-11T23:47:16.854775807Z", "1677-09-21T00:12:43.145224193Z", "9999-12-31T23:59:60Z",
            "2026-11-21T10:00:00+01:00",
        ], tokens: ["0", "9", "-", ":", ".", "T", "Z", "+", " ", "00", "99", "\u{ff11}", "e", "-0", "60"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let moment = Timestamp(iso8601: text) else { return nil }
        guard let again = Timestamp(iso8601: moment.iso8601) else {
            return "written, it can't be read: \(moment.iso8601)"
        }
        if again.iso8601 != moment.iso8601 { return "\(moment.iso8601) reads as \(again.iso8601)" }
        if !(0..<1_000_000_000).contains(moment.subsecondNanoseconds) { return "its second is wrong" }
        if moment.roundedUpToMillisecond < moment { return "rounded up, it is earlier" }
        if moment.day != String(moment.iso8601.prefix(10)) { return "its day is \(moment.day)" }
        return nil
    }

    static let span = FuzzTarget(
        name: "span",
        examples: ["200ms", "5s", "30m", "2h", "1d", "0s", "106751d", "9223372036854ms", "9223372036854775807s"],
        tokens: ["0", "9", "ms", "s", "m", "h", "d", " ", "-", "+", ".", "\u{ff11}", "٣"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let span = Duration(text: text) else { return nil }
        if span < .zero { return "it is negative" }
        if Duration(text: span.text) != span { return "\(span) is written \(span.text)" }
        if span.rough.isEmpty { return "it is nothing to a person" }
        return nil
    }
}
