import Addresses
import Deliver
import TestSupport
import Testing
import Times

@Suite struct AttemptLineTests {
    private static let samples: [AttemptLine] = [
        .attempt(.delivered()),
        .attempt(
            .make(
                attempt: 3, startedAt: noon + .nanoseconds(1_999_999), httpStatus: 429,
                nextAttemptAt: noon + .nanoseconds(5_000_001), response: "slow \"down\"\n\u{0} ü")),
        .attempt(.make(outcome: .error, httpStatus: nil, error: .connectionReset)),
        .attempt(.traced()), .attempt(.manual()), .attempt(.instructed()),
        .round(kind: .retry, at: noon), .round(kind: .resume, at: noon), .round(kind: .replay, at: noon),
        .ended(deliveryID: "dlv_1", subscription: "shop", reason: .unsubscribed, at: noon),
        .ended(deliveryID: "dlv_1", subscription: "shop", reason: .unmatched, at: noon),
    ]

    @Test("a line read back is the line that was written", arguments: samples)
    func roundTrip(line: AttemptLine) {
        let bytes = line.encoded()
        #expect(bytes.filter { $0 == 0x0A }.count == 1)
        #expect(bytes.last == 0x0A)
        #expect(AttemptLine.read(bytes) == line)
    }

    @Test("lines are written one after the other", arguments: 0...3)
    func several(count: Int) {
        let lines = Array(AttemptLineTests.samples.prefix(count))
        let written = lines.encoded().split(separator: 0x0A).map { AttemptLine.read(Array($0)) }
        #expect(written == lines)
        #expect(lines.encoded().last == (count == 0 ? nil : 0x0A))
    }

    @Test("a line torn anywhere is no line", arguments: samples)
    func torn(line: AttemptLine) {
        let bytes = line.encoded()
        for length in 0..<bytes.count - 1 { #expect(AttemptLine.read(Array(bytes.prefix(length))) == nil) }
    }

    @Test("the members of a line have the names that people grep for")
    func members() {
        let record = AttemptRecord.make(
            attempt: 2, httpStatus: 503, nextAttemptAt: noon + .seconds(5), response: "busy")
        #expect(
            String(decoding: AttemptLine.attempt(record).encoded(), as: UTF8.self)
                == #"{"delivery_id":"\#(record.deliveryID)","subscription":"shop","event":"invoice.processed","attempt":2,"#
                + #""started_at":"2026-11-21T12:00:00.000Z","duration_ms":12,"outcome":"failed","http_status":503,"#
                + #""next_attempt_at":"2026-11-21T12:00:05.000Z","response":"busy"}"# + "\n")
        #expect(
            String(decoding: AttemptLine.round(kind: .retry, at: noon).encoded(), as: UTF8.self)
                == #"{"mark":"round","kind":"retry","at":"2026-11-21T12:00:00.000Z"}"# + "\n")
    }

    @Test("the next attempt is never read back earlier than it was decided")
    func precision() {
        let decided = noon + .nanoseconds(5_000_001)
        #expect(AttemptRecord.make(nextAttemptAt: decided).nextAttemptAt == noon + .milliseconds(6))
    }

    @Test(
        "a line that something else wrote is ignored",
        arguments: [
            "", "null", "[]", "{}", "hello", #"{"mark":"pause","at":"2026-11-21T12:00:00Z"}"#,
            #"{"mark":"round","kind":"retry"}"#, #"{"mark":"round","kind":"party","at":"2026-11-21T12:00:00Z"}"#,
            #"{"mark":7,"at":"2026-11-21T12:00:00Z"}"#,
        ])
    func foreign(text: String) {
        #expect(AttemptLine.read(Array(text.utf8)) == nil)
    }

    @Test(
        "an attempt that lacks what counts, or has nonsense there, is ignored",
        arguments: [
            (#""attempt":1"#, #""attempt":0"#), (#""attempt":1"#, #""attempt":9223372036854775807"#),
            (#""attempt":1"#, #""attempt":"1""#), (#""outcome":"failed""#, #""outcome":"maybe""#),
            (#""event":"invoice.processed","#, ""), (#""started_at":"2026"#, #""started_at":"soon"#),
            (#""next_attempt_at":"2026-11"#, #""next_attempt_at":"2026-13"#),
        ])
    func nonsense(good: String, bad: String) {
        let line = String(
            decoding: AttemptLine.attempt(.make(nextAttemptAt: noon)).encoded(), as: UTF8.self)
        #expect(line.contains(good))
        #expect(AttemptLine.read(Array(line.utf8)) != nil)
        #expect(AttemptLine.read(Array(line.replacing(good, with: bad).utf8)) == nil)
    }

    @Test("names that a later version wrote are kept as other")
    func later() {
        let ended =
            #"{"mark":"ended","delivery_id":"d","subscription":"s","reason":"moon","at":"2026-11-21T12:00:00Z"}"#
        #expect(
            AttemptLine.read(Array(ended.utf8))
                == .ended(deliveryID: "d", subscription: "s", reason: .other, at: noon))
        let failed = AttemptLine.attempt(.make(outcome: .error, httpStatus: nil, error: .timeout)).encoded()
        let text = String(decoding: failed, as: UTF8.self).replacing("\"timeout\"", with: "\"quic_failed\"")
        guard case .attempt(let record) = AttemptLine.read(Array(text.utf8)) else {
            Issue.record("the line was not read")
            return
        }
        #expect(record.error == .other)
    }

    @Test("a result becomes a record with the status or the failure, never both")
    func results() {
        func record(_ result: AttemptResult) -> AttemptRecord {
            AttemptRecord(
                deliveryID: "d", subscription: Subscription(name: "shop", url: "https://a.example"),
                event: "invoice.processed", attempt: 1, startedAt: noon, duration: .milliseconds(1500), result: result,
                nextAttemptAt: nil)
        }
        let delivered = record(.answer(status: 204, retryAfter: nil, head: []))
        #expect(delivered.outcome == .delivered && delivered.httpStatus == 204 && delivered.error == nil)
        #expect(delivered.durationMS == 1500 && delivered.response == nil)
        let failed = record(.answer(status: 301, retryAfter: nil, head: [0x61]))
        #expect(failed.outcome == .failed && failed.httpStatus == 301 && failed.response == "a")
        let error = record(.failure(.dnsFailed))
        #expect(error.outcome == .error && error.httpStatus == nil && error.error == .dnsFailed)
    }

    @Test("the way of an attempt stands in its line, in members that people grep for")
    func trace() {
        #expect(
            String(decoding: AttemptLine.attempt(.traced()).encoded(), as: UTF8.self).hasSuffix(
                #""address":"203.0.113.7","reused":false,"http_version":"2","dns_ms":3,"connect_ms":12,"tls_ms":25,"#
                    + #""first_byte_ms":40,"response":"busy"}"# + "\n"))
        var record = AttemptRecord.traced()
        record.trace = AttemptTrace()
        #expect(!String(decoding: AttemptLine.attempt(record).encoded(), as: UTF8.self).contains("_ms\":3"))
    }

    @Test(
        "what makes no sense of it is left out, and the attempt counts all the same",
        arguments: [
            (#""203.0.113.7""#, #""shop.example""#), (#""203.0.113.7""#, #""\u001b[2J""#), (#""203.0.113.7""#, "7"),
            (#""http_version":"2""#, #""http_version":"\u001b[2J""#), (#""dns_ms":3"#, #""dns_ms":-3"#),
            (#""tls_ms":25"#, #""tls_ms":"25""#), (#""reused":false"#, #""reused":0"#),
        ])
    func oddTrace(good: String, bad: String) throws {
        let line = String(decoding: AttemptLine.attempt(.traced()).encoded(), as: UTF8.self)
        #expect(line.contains(good))
        guard case .attempt(let record) = AttemptLine.read(Array(line.replacing(good, with: bad).utf8)) else {
            Issue.record("the line was not read")
            return
        }
        #expect(record.response == "busy")
        #expect(record.trace != AttemptRecord.traced().trace)
        let again = AttemptLine.read(AttemptLine.attempt(record).encoded())
        #expect(again == .attempt(record))
    }

    @Test("a refusal says to a person what was refused and what to do")
    func refusal() throws {
        var record = AttemptRecord.make(outcome: .error, httpStatus: nil, error: .addressRefused)
        #expect(record.refusal == nil)
        record.trace.address = IPAddress("10.1.2.3")
        #expect(
            record.refusal
                == "address_refused: its host resolves to 10.1.2.3, a private address; if that is meant, name it in `allow`"
        )
        record = .traced()
        #expect(record.refusal == nil)
        #expect(
            record.trace.text == "to 203.0.113.7 by HTTP/2, dns 3 ms, connect 12 ms, tls 25 ms, first byte 40 ms")
    }
}
