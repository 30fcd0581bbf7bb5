import Deliver
import Spool
import Testing
import Times

@testable import Engine

@Suite("Subscriptions with conditions, and with keys that end")
struct KeyAndMatchStories {
    /// A subscription from the members of its file.
    private func subscription(_ name: String, _ member: String) throws -> Subscription {
        let text = #"{"url":"http://localhost/\#(name)","retry":["60s"],\#(member)}"#
        return try Subscription.read(name: name, bytes: Array(text.utf8)) { _ in [] }
    }

    private func key(until seconds: Int) -> String {
        let secret = #""secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw""#
        return #""secret":[{\#(secret),"not_after":"\#(Timestamp.at(seconds).iso8601)"}]"#
    }

    private func above(_ cents: Int) -> String { #""match":{"data":{"amount_cents":{"$gt":\#(cents)}}}"# }

    @Test("each hears of the invoices that meet its conditions, and one that nobody hears of is done at once")
    func matched() throws {
        let harness = EngineHarness()
        harness.subscribe(
            try subscription("large", above(4)),
            try subscription("small", #""match":{"$not":{"data":{"amount_cents":{"$gt":2}}}}"#))
        // Content n makes an invoice of n + 1 cents.
        for cents in 1...6 { harness.drop("k\(cents)", .whole(cents - 1)) }
        harness.run()
        #expect(Set(harness.calls(to: "large").map(\.key.name)) == ["k5", "k6"])
        #expect(Set(harness.calls(to: "small").map(\.key.name)) == ["k1", "k2"])
        #expect(harness.spool.keys(in: .done).count == 6 && harness.leftovers == [])
        #expect(harness.spool.sidecars[.make("k3")]?.lines.isEmpty == true)
    }

    @Test(
        "a delivery that waits ends, marked so, when the conditions no longer let it through", arguments: [false, true])
    func tightened(crashes: Bool) throws {
        let harness = EngineHarness()
        harness.receivers["a"] = { _ in .fails }
        harness.subscribe(try subscription("a", above(0)))
        harness.drop("k", .whole(1))
        harness.run(until: .at(10))
        harness.subscribe(try subscription("a", above(100)))
        if crashes { harness.crash() }
        harness.run(until: .at(20))
        #expect(harness.calls.count == 1 && harness.state(of: "k") == .done)
        let ends = harness.spool.sidecars[.make("k")]?.lines.contains { line in
            if case .ended(_, _, .unmatched, _) = line { true } else { false }
        }
        #expect(ends == true)
    }

    @Test("what waits is told to a subscription whose conditions let it through now")
    func loosened() throws {
        let harness = EngineHarness()
        harness.receivers["b"] = { _ in .fails }
        harness.subscribe(try subscription("a", above(100)), .make("b", waits: [60, 60]))
        harness.drop("k", .whole(1))
        harness.run(until: .at(10))
        #expect(harness.calls(to: "a").isEmpty)
        harness.subscribe(try subscription("a", above(1)))
        harness.run(until: .at(20))
        #expect(harness.calls(to: "a").map(\.attempt) == [1] && harness.calls(to: "b").count == 1)
    }

    @Test("when the last key ends, deliveries wait and use up no attempt, and go on with another")
    func lapse() throws {
        let harness = EngineHarness()
        harness.receivers["a"] = { $0.at == .at(0) ? .fails : .ok }
        harness.subscribe(try subscription("a", key(until: 30)))
        harness.drop("k")
        harness.run(until: .at(40))
        harness.drop("late")
        harness.run(until: .at(500))
        #expect(harness.seconds(of: "a") == [0], "the retry at 60 s or more waits")
        #expect(
            harness.count { if case .subscriptionBroken(let error) = $0 { error.field == "secret" } else { false } }
                == 1)
        #expect(harness.state(of: "k") == .processing && harness.state(of: "late") == .processing)
        #expect(harness.engine.isAtRest)
        harness.subscribe(try subscription("a", key(until: 3000)))
        harness.run(until: .at(600))
        #expect(harness.count { if case .subscriptionMended = $0 { true } else { false } } == 1)
        #expect(harness.spool.keys(in: .done).count == 2)
        #expect(harness.calls.map(\.attempt).sorted() == [1, 1, 2] && harness.leftovers == [])
    }

    @Test("a key that begins later opens its subscription by itself")
    func begins() throws {
        let harness = EngineHarness()
        let begin = key(until: 90).replacing("not_after", with: "not_before")
        harness.subscribe(try subscription("a", begin))
        harness.drop("k")
        harness.run(until: .at(89))
        #expect(harness.calls.isEmpty && harness.state(of: "k") == .processing)
        harness.run(until: .at(95))
        #expect(harness.seconds(of: "a") == [90] && harness.state(of: "k") == .done)
    }
}
