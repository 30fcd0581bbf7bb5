import Foundation
import TestSupport
import Testing

@Suite("A subscription with conditions or keys that end", .serialized)
struct MatchTests {
    private func invoice(_ currency: String, _ cents: Int) -> String {
        #"{"customer_id":"acme","currency":"\#(currency)","amount_cents":\#(cents)}"#
    }

    private let largeEUR: [String: Any] = ["data": ["currency": "EUR", "amount_cents": ["$gt": 100_000]]]

    @Test("hears only of the invoices that meet them, and of those that wait when they are loosened")
    func match() throws {
        let (all, some) = (try Receiver { _ in .status(500) }, try Receiver())
        let stage = try Stage {
            try $0.subscribe("all", all.url, retry: ["1h"])
            try $0.subscribe("some", some.url, with: ["match": largeEUR])
        }
        try stage.spool.submit("small", invoice("EUR", 100_000))
        try stage.spool.submit("dollars", invoice("USD", 100_001))
        try stage.spool.submit("large", invoice("EUR", 100_001))
        try all.waitForCalls(count: 3)
        #expect(try some.waitForCalls(count: 1).map(\.key) == ["large"])
        try stage.spool.subscribe("some", some.url, with: ["match": ["data": ["currency": "EUR"]]])
        #expect(Set(try some.waitForCalls(count: 2).map(\.key)) == ["large", "small"])
        try stage.spool.remove("subscriptions/all.json")
        try stage.spool.shell("touch subscriptions/all.paused")
        #expect(stage.spool.states(of: "dollars") == ["processing"])
    }

    @Test("has none of them heard that do not meet them, and they are done")
    func nobody() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["match": largeEUR]) }
        try stage.spool.submit("k", invoice("EUR", 1))
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.isEmpty && stage.spool.names("done") == ["k.json", "k.json.invoice"])
    }

    @Test("whose conditions are wrong is named with place and fix, and invoices wait for it")
    func wrong() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["match": ["currency": "EUR"]]) }
        try stage.daemon.waitForLog("`match.currency` is no member of an event")
        try stage.spool.submit("k", invoice("USD", 1))
        try stage.spool.wait(for: "processing/k.json.invoice")
        try stage.spool.subscribe("s", receiver.url, with: ["match": ["data": ["currency": "USD"]]])
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.key) == ["k"])
    }

    @Test("can be tried out before it is written, on keys and on files")
    func dryRun() throws {
        let stage = try Stage()
        try stage.spool.submit("small", invoice("EUR", 5))
        try stage.spool.wait(for: "done/small.json")
        let file = try stage.spool.scratch.write(invoice("EUR", 200_000), to: "large.json")
        let match = #"{"data": {"currency": "EUR", "amount_cents": {"$gt": 100000}}}"#
        let command = ["subscribe", "erp", "http://127.0.0.1:9/", "--match", match]
        let told = try Tool.billhook(stage.spool, command + ["--dry-run", "--against", "small", file, "unknown"])
        #expect(
            told.output == """
                small: not heard. `match.data.amount_cents.$gt` is not met: the event's value is not greater than 100000.
                large: heard

                """)
        #expect(told.status == 66 && told.errors.contains("unknown"))
        #expect(stage.spool.names("subscriptions").isEmpty)
        let json = try Tool.billhook(stage.spool, command + ["--dry-run", "--json", "--against", "small"])
        let answer = try Members(Array(json.output.utf8))
        #expect(answer.all["hears"] as? Bool == false)
        #expect(try answer.text("condition") == "match.data.amount_cents.$gt")
        #expect(try Tool.billhook(stage.spool, command + ["--against", "small"]).status == 64)
        #expect(try Tool.billhook(stage.spool, command).status == 0)
        let written = try stage.spool.object("subscriptions/erp.json").object("match").object("data")
        #expect(try written.text("currency") == "EUR")
    }

    @Test("without a key in force sends nothing, says so, and goes on with another key")
    func lapsed() throws {
        let receiver = try Receiver()
        let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
        let ended = ["secret": secret, "not_after": "2020-01-01T00:00:00Z"]
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["secret": ended]) }
        try stage.daemon.waitForLog("`secret` has no key in force since 2020-01-01T00:00:00.000Z")
        try stage.spool.submit("k")
        try stage.spool.wait(for: "processing/k.json.invoice")
        #expect(try Tool.billhook(stage.spool, ["status"]).output.contains("no key in force"))
        try stage.spool.subscribe("s", receiver.url, with: ["secret": [ended, secret]])
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.attempt) == [1])
        #expect(receiver.calls.first?.header("webhook-signature")?.contains(" ") == false, "one key is in force")
        #expect(stage.daemon.log.contains("s: good again"))
    }

    @Test("whose key begins in a moment waits for it")
    func begins() throws {
        let receiver = try Receiver()
        let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
        let begin = Date(timeIntervalSinceNow: 1.5)
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let key = ["secret": secret, "not_before": format.format(begin)]
        let stage = try Stage { spool in
            try spool.subscribe("s", receiver.url, with: ["secret": key])
            try spool.submit("k")
        }
        try stage.spool.wait(for: "done/k.json")
        let timestamp = try #require(receiver.calls.first?.header("webhook-timestamp").flatMap(Double.init))
        #expect(timestamp >= begin.timeIntervalSince1970.rounded(.down))
    }
}
