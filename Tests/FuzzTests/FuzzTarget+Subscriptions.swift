import Deliver
import JSON

extension FuzzTarget {
    static let subscription = FuzzTarget(
        name: "subscription",
        examples: [
            #"{"url":"https://example.com/hook","events":["invoice.*"],"timeout":"5s","concurrency":4}"#,
            #"{"url":"http://[::1]:8080/a?b#c","retry":["200ms","5s","1d"],"headers":{"X-A":"b"}}"#,
            #"{"url":"http://h/","retry":{"max_attempts":5,"base":"1s","factor":2.5,"cap":"1h","jitter":0.25}}"#,
            #"{"url":"https://h","secret":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],"ca_file":"ca.pem"}"#,
            #"{"url":"https://h","secret_file":"s"}"#,
            #"{"url":"https://h","secret":[{"secret_file":"s","not_after":"2026-01-01T00:00:00Z"},"whsk_AAAA"]}"#,
            #"{"url":"https://h","match":{"data":{"amount_cents":{"$gt":1e3},"tags":["a",{"$in":["b"]}]}}}"#,
            #"{"url":"https://h","match":{"$or":[{"type":"x"},{"$not":{"data":{"a":{"$exist":true}}}}]}}"#,
        ],
        tokens: syntax + [
            "https://", "@", "%00", "\\r\\n", "whsec_", "=", "0s", "99999999999999999d", "\"*\"", "\"factor\":1e308,",
            "\"max_attempts\":2147483647,", "\"base\":\"0s\",", "\"secret\":", "-1",
            "{\"$not\":", "\"$and\":[", "\"$or\":", "\"$lte\":", "\"$eq\":[]", "\"$nin\":\"a\"", "\"$startsWith\":",
            "\"not_before\":\"2026-01-01\",",
        ]
    ) { bytes in
        let read = { () throws(SubscriptionError) in
            try Subscription.read(name: "s", bytes: bytes) { _ in Array("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n".utf8)
            }
        }
        let subscription: Subscription
        do throws(SubscriptionError) { subscription = try read() } catch {
            if error.problem.isEmpty || error.fix.isEmpty { return "it is refused without a reason" }
            if "\(error)".contains("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") { return "the reason tells the secret" }
            return nil
        }
        if (try? read()) != subscription { return "read twice, it is two" }
        if let objection = objection(to: subscription.match) { return objection }
        if !subscription.url.hasPrefix("http://") && !subscription.url.hasPrefix("https://"),
            !subscription.url.lowercased().hasPrefix("http")
        {
            return "its URL is \(subscription.url)"
        }
        if subscription.url.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
            return "its URL holds a blank or a control character"
        }
        for attempt in [1, 2, subscription.retry.maximumAttempts, subscription.retry.maximumAttempts + 1, .max / 2] {
            for draw in [0, 0.999_999] {
                let wait = subscription.retry.wait(afterAttempt: attempt, retryAfter: .seconds(1), random: draw)
                if let wait, wait < .seconds(1) || wait > subscription.retry.longestWait + .seconds(1) {
                    return "after attempt \(attempt) it waits \(wait), the longest is \(subscription.retry.longestWait)"
                }
            }
        }
        return nil
    }

    /// The filter, written and read again, is the same and judges alike.
    private static func objection(to match: Match?) -> String? {
        guard let match else { return nil }
        let text = #"{"url":"http://h/","match":\#(String(decoding: match.json, as: UTF8.self))}"#
        let again = try? Subscription.read(name: "s", bytes: Array(text.utf8)) { _ in [] }
        guard let other = again?.match, other == match else { return "its conditions, written, are others" }
        for body in bodies {
            if match.matches(body) != other.matches(body) { return "its conditions, written, judge otherwise" }
            if match.matches(body) != (match.failure(of: body) == nil) { return "it fails without a reason" }
        }
        return nil
    }

    private static let bodies = [
        "{}", "[]", "null", #"{"type":"x","data":{"amount_cents":1001,"tags":["a","b"],"a":null}}"#,
        #"{"data":[{"amount_cents":5},{"tags":"b"}],"timestamp":"2026"}"#,
    ].compactMap { try? JSONReader.read(Array($0.utf8)) }
}
