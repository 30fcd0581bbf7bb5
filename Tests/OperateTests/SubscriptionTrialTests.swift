import Deliver
import Files
import Operate
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Trying a subscription out")
struct SubscriptionTrialTests {
    private func ask(
        _ fixture: SpoolFixture, _ argument: String, match: String?, events: [String] = []
    ) throws -> SubscriptionTrial.Answer {
        var draft = SubscriptionDraft(name: "erp", url: "http://127.0.0.1:9/")
        draft.match = match
        draft.events = events
        return try SubscriptionTrial(fixture.spool, draft).ask(argument)
    }

    private let above = #"{"data": {"amount_cents": {"$gt": 1000}}}"#

    @Test("tells of an invoice in any state", arguments: [State.processing, .done, .dead, .hold])
    func processed(state: State) throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", state, SpoolFixture.request(1000))
        try fixture.putProcessed("b", state, SpoolFixture.request(1001))
        let no = try ask(fixture, "a", match: above)
        #expect(!no.hears && no.name == "a" && no.condition == "match.data.amount_cents.$gt")
        #expect(no.reason?.hasSuffix(".") == true)
        #expect(try ask(fixture, "b", match: above).hears)
        #expect(try ask(fixture, "\(fixture.spool.path)/\(state.rawValue)/b.json", match: above).hears)
        #expect(try ask(fixture, "a", match: nil).hears)
        #expect(try fixture.names(fixture.spool.subscriptions) == [], "nothing is written")
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test("judges an invoice as it was processed, not as it would be today")
    func asProcessed() throws {
        let fixture = try SpoolFixture()
        let invoice = try fixture.putProcessed("a", .done)
        #expect(try ask(fixture, "a", match: #"{"data": {"id": "\#(invoice.id)"}}"#).hears)
        let before = #"{"timestamp": {"$lt": "2024-01-01T00:00:00Z"}}"#
        #expect(try ask(fixture, "a", match: before).hears)
        let path = "\(fixture.spool.path)/done/a.json"
        #expect(try ask(fixture, path, match: before).hears, "the .invoice beside it counts")
    }

    @Test("judges a request that is not processed as it would be")
    func requests() throws {
        let fixture = try SpoolFixture()
        try fixture.put("waiting", .incoming, SpoolFixture.request(2000))
        let path = try fixture.scratch.write(SpoolFixture.request(7), to: "elsewhere/new.json")
        try fixture.put("rejected", .dead, #"{"customer_id": 7}"#)
        #expect(try ask(fixture, "waiting", match: above).hears)
        #expect(try !ask(fixture, path, match: above).hears)
        #expect(try ask(fixture, path, match: #"{"data": {"key": "new"}}"#).hears)
    }

    @Test(
        "of a request that is not valid it would hear as one that was refused, if it names that and the event matches")
    func refused() throws {
        let fixture = try SpoolFixture()
        try fixture.put("rejected", .dead, #"{"customer_id": 7}"#)
        let heard = try ask(fixture, "rejected", match: nil)
        #expect(heard.hears && heard.event == "invoice.failed" && heard.reason == nil)
        let code = #"{"data": {"error": {"code": "invalid_field"}}}"#
        #expect(try ask(fixture, "rejected", match: code, events: ["invoice.failed"]).hears)
        let unnamed = try ask(fixture, "rejected", match: nil, events: ["invoice.processed"])
        #expect(!unnamed.hears && unnamed.condition == "events")
        #expect(unnamed.reason?.hasPrefix("It is no valid request: The field `customer_id` ") == true)
        #expect(unnamed.reason?.hasSuffix("Its `events` do not name invoice.failed.") == true)
        let unmatched = try ask(fixture, "rejected", match: above)
        #expect(!unmatched.hears && unmatched.condition == "match.data.amount_cents.$gt")
    }

    @Test("says when its events are the reason")
    func events() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        let answer = try ask(fixture, "a", match: nil, events: ["invoice.failed"])
        #expect(!answer.hears && answer.condition == "events")
    }

    @Test("an unknown key is an error, and so is a subscription that is not in order")
    func errors() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("inv-7", .done)
        let unknown = #expect(throws: OperateError.self) { try ask(fixture, "inv", match: nil) }
        #expect(unknown?.kind == .noInput && unknown?.description.contains("inv-7") == true)
        #expect(throws: OperateError.self) { try ask(fixture, "/nowhere/a.json", match: nil) }
        let bad = #expect(throws: OperateError.self) { try ask(fixture, "inv-7", match: #"{"currency": "EUR"}"#) }
        #expect(bad?.kind == .data && bad?.description.contains("`match.currency`") == true)
    }

    @Test("status and show count only those that an invoice's content lets hear of it")
    func counted() throws {
        let fixture = try SpoolFixture()
        let file = #"{"url": "http://127.0.0.1:9/", "match": \#(above)}"#
        try fixture.scratch.write(file, to: "spool/subscriptions/erp.json")
        try fixture.putProcessed("small", .processing, SpoolFixture.request(1000))
        try fixture.putProcessed("large", .processing, SpoolFixture.request(1001))
        let status = try StatusReader(fixture.spool).read(now: .now)
        #expect(status.subscriptions.map(\.waiting) == [1])
        let inspector = KeyInspector(fixture.spool)
        #expect(try inspector.inspect(fixture.key("small"), now: .now)?.deliveries.isEmpty == true)
        #expect(try inspector.inspect(fixture.key("large"), now: .now)?.deliveries.map(\.subscription) == ["erp"])
    }

    @Test("a subscription is shown with its keys' times and public halves, and without a secret")
    func shown() throws {
        let fixture = try SpoolFixture()
        let (secret, pair) = (SigningSecret.generate(), SigningKeyPair.generate())
        let keys = #"["\#(secret)", {"secret": "\#(pair)", "not_after": "2030-01-01T00:00:00Z"}]"#
        try fixture.scratch.write(
            #"{"url": "http://127.0.0.1:9/", "match": \#(above), "secret": \#(keys)}"#,
            to: "spool/subscriptions/erp.json")
        let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)
        let report = try #require(try SubscriptionReport("erp", in: fixture.spool, now: now))
        let publicKey = try SigningKeyPair(pair).publicKey
        for text in [report.text(now: now), String(decoding: report.encoded(now: now), as: UTF8.self)] {
            #expect(text.contains(publicKey) && text.contains("2030-01-01T00:00:00.000Z") && text.contains("$gt"))
            #expect(!text.contains(secret.dropFirst(6)) && !text.contains(pair.dropFirst(5)))
        }
        #expect(report.text(now: now).contains("ed25519 key pair (v1a), in force until"))
        #expect(try SubscriptionReport("nobody", in: fixture.spool, now: now) == nil)
    }

    @Test("a subscription without a key in force shows as broken, and what waits for it says so")
    func lapsed() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        let key = #"{"secret": "\#(SigningSecret.generate())", "not_after": "2020-01-01T00:00:00Z"}"#
        try fixture.scratch.write(
            #"{"url": "http://127.0.0.1:9/", "secret": \#(key)}"#, to: "spool/subscriptions/erp.json")
        try fixture.putProcessed("a", .processing)
        let status = try #require(try StatusReader(fixture.spool).read(now: .now).subscriptions.first)
        #expect(status.condition.name == "broken" && status.waiting == 1)
        let report = try #require(try KeyInspector(fixture.spool).inspect(fixture.key("a"), now: .now))
        #expect(report.next.sentence.hasPrefix("Correct subscriptions/erp.json. A running daemon goes on with"))
        _ = consume lock
    }
}
