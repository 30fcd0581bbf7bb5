import Testing
import Times

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "moments are written in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_123_456_789, "2000-02-29T00:00:00.123Z"),
            (1_795_250_192_041_000_000, "2026-11-21T08:36:32.041Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (4_102_444_799_999_999_999, "2099-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func writing(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).iso8601 == text)
    }

    @Test("what is written is read back to the millisecond, over 400 years of days")
    func roundTrip() {
        for day in stride(from: -36_524, through: 73_048, by: 1) {
            let moment = Timestamp(seconds: day * 86_400 + 43_201, nanoseconds: 7_000_000)
            #expect(Timestamp(iso8601: moment.iso8601) == moment)
        }
    }

    @Test(
        "offsets, fractions and bare dates are understood",
        arguments: [
            ("2026-11-21T08:36:32Z", 1_795_250_192_000_000_000),
            ("2026-11-21T09:36:32+01:00", 1_795_250_192_000_000_000),
            ("2026-11-21 08:36:32.5Z", 1_795_250_192_500_000_000),
            ("2026-11-21t08:36:32.0410009999z", 1_795_250_192_041_000_999),
            ("1970-01-02", 86_400_000_000_000),
        ] as [(String, Int64)])
    func reading(text: String, nanoseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "what is no moment is refused",
        arguments: [
            "", "2026", "2026-13-01", "2026-02-29", "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z",
            "2026-11-21T08:36:32", "2026-11-21T08:36:32.Z", "2026-11-21T08:36:32ZZ", "2026-11-21T08:36Z",
            "２026-11-21", "2026-11-21T08:36:32+1:00",
        ])
    func refusing(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("arithmetic saturates instead of trapping")
    func saturation() {
        #expect(Timestamp.distantFuture + .seconds(1) == .distantFuture)
        #expect(Timestamp.distantPast - .seconds(1) == .distantPast)
        #expect(Timestamp(seconds: .max, nanoseconds: 0) == .distantFuture)
        #expect(Timestamp.distantPast - Timestamp.distantFuture == .nanoseconds(Int64.min))
    }

    @Test("rounding up to a millisecond never goes back")
    func rounding() {
        #expect(Timestamp(nanoseconds: 1_000_000).roundedUpToMillisecond.nanoseconds == 1_000_000)
        #expect(Timestamp(nanoseconds: 1_000_001).roundedUpToMillisecond.nanoseconds == 2_000_000)
    }
}

@Suite("Spans of time in text")
struct DurationTextTests {
    @Test(
        "whole numbers with one unit are read, and written in the largest unit that fits",
        arguments: [
            ("200ms", 200), ("5s", 5000), ("90s", 90_000), ("30m", 1_800_000), ("2h", 7_200_000), ("1d", 86_400_000),
        ] as [(String, Int64)])
    func reading(text: String, milliseconds: Int64) {
        #expect(Duration(text: text) == .milliseconds(milliseconds))
        #expect(Duration(text: Duration.milliseconds(milliseconds).text) == .milliseconds(milliseconds))
    }

    @Test(
        "anything else is no span",
        arguments: ["", "5", "s", "-5s", "5 s", "1.5s", "5S", "99999999999999999999d", "٣s"])
    func refusing(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test("a rough span names its two largest units")
    func rough() {
        #expect(Duration.seconds(41).rough == "41s")
        #expect(Duration.seconds(252).rough == "4m 12s")
        #expect(Duration.seconds(7500).rough == "2h 5m")
        #expect(Duration.seconds(90_000).rough == "1d 1h")
        #expect(Duration.seconds(-3).rough == "0s")
    }
}
