import Deliver
import JSON
import Testing

/// What each condition lets through. The tables follow Outpost's guide to filters where that says something.
@Suite("A filter")
struct MatchTests {
    static let invoice = """
        {"type": "invoice.processed", "timestamp": "2026-11-21T09:59:34.226Z", "data": {"id": "inv_1", "key": "inv-7",
         "customer_id": "acme", "amount_cents": 120050, "currency": "EUR", "paid": true, "note": null, "name": "Zo\\u00eb",
         "rate": 19.50, "huge": 9007199254740993, "metadata": {"tags": ["gift", "urgent"], "matrix": [[1, 2], [3]],
         "items": [{"id": 456, "title": "a"}, {"id": 789, "title": "b", "vat": 7}], "empty": [], "none": {}}}}
        """

    static func read(_ match: String) throws -> Match {
        let text = #"{"url":"http://h/","match":\#(match)}"#
        return try #require(try Subscription.read(name: "shop", bytes: Array(text.utf8)) { _ in [] }.match)
    }

    static func hears(_ match: String, _ body: String = invoice) throws -> Bool {
        let value = try JSONReader.read(Array(body.utf8))
        let match = try read(match)
        let hears = match.matches(value)
        #expect((match.failure(of: value) == nil) == hears, "a failure has a reason, and only a failure")
        return hears
    }

    @Test(
        "lets through",
        arguments: [
            "{}", #"{"type": "invoice.processed"}"#, #"{"data": {"currency": "EUR", "amount_cents": {"$gt": 100000}}}"#,
            #"{"data": {"paid": true, "note": null}}"#, #"{"data": {"rate": 19.5}}"#, #"{"data": {"rate": 195e-1}}"#,
            #"{"data": {"amount_cents": {"$gte": 120050, "$lt": 120050.01}}}"#,
            #"{"data": {"huge": {"$gt": 9007199254740992}}}"#, #"{"data": {"huge": {"$lt": 9007199254740994}}}"#,
            #"{"timestamp": {"$gte": "2026-11-21T00:00:00Z", "$lt": "2026-11-22T00:00:00Z"}}"#,
            #"{"data": {"customer_id": {"$gt": "Z"}}}"#, #"{"data": {"name": "Zoë"}}"#,
            #"{"data": {"metadata": {"tags": "gift"}}}"#, #"{"data": {"metadata": {"tags": ["urgent", "gift"]}}}"#,
            #"{"data": {"metadata": {"tags": {"$eq": ["gift", "urgent"]}}}}"#,
            #"{"data": {"metadata": {"tags": {"$in": ["x", "gift"]}}}}"#,
            #"{"data": {"metadata": {"tags": {"$in": "gift"}}}}"#,
            #"{"data": {"metadata": {"tags": ["gift", {"$startsWith": "urg"}]}}}"#,
            #"{"data": {"metadata": {"matrix": 3}}}"#, #"{"data": {"metadata": {"matrix": [[1, 2]]}}}"#,
            #"{"data": {"metadata": {"items": {"id": 456, "title": "a"}}}}"#,
            #"{"data": {"metadata": {"items": {"vat": {"$exist": false}}}}}"#,
            #"{"data": {"metadata": {"empty": {"$eq": []}, "none": {"$eq": {}}}}}"#,
            #"{"data": {"currency": {"$in": ["EUR", "USD"]}}}"#, #"{"data": {"currency": {"$in": "UR"}}}"#,
            #"{"data": {"currency": {"$nin": ["GBP"]}}}"#, #"{"data": {"currency": {"$neq": "USD"}}}"#,
            #"{"data": {"key": {"$startsWith": "inv-"}}}"#, #"{"data": {"key": {"$startsWith": ["x", "inv"]}}}"#,
            #"{"data": {"key": {"$endsWith": ["x", "-7"]}}}"#, #"{"data": {"note": {"$exist": true}}}"#,
            #"{"data": {"discount": {"$exist": false}}}"#, #"{"data": {"discount": {"code": {"$exist": false}}}}"#,
            #"{"data": {"currency": {"$or": ["USD", "EUR"]}}}"#,
            #"{"$or": [{"data": {"currency": "USD"}}, {"data": {"paid": true}}]}"#,
            #"{"$and": [{"data": {"currency": "EUR"}}, {"data": {"paid": true}}]}"#,
            #"{"$not": {"data": {"currency": "USD"}}}"#, #"{"data": {"currency": {"$not": {"$in": ["USD", "GBP"]}}}}"#,
            #"{"data": {"currency": {"$not": "USD"}}}"#,
            #"{"$or": [{"data": {"paid": true}}], "$not": {"type": "y"}, "type": {"$endsWith": "processed"}}"#,
            #"{"data": {"region": {"$neq": "eu"}}}"#, #"{"data": {"region": {"$nin": ["eu"]}}}"#,
            #"{"data": {"metadata": {"$exist": true, "tags": "gift"}}}"#,
        ])
    func lets(match: String) throws {
        #expect(try MatchTests.hears(match))
    }

    @Test(
        "keeps back",
        arguments: [
            (#"{"type": "invoice.failed"}"#, "match.type"),
            (#"{"data": {"currency": "EUR", "amount_cents": {"$gt": 120050}}}"#, "match.data.amount_cents.$gt"),
            (#"{"data": {"amount_cents": "120050"}}"#, "match.data.amount_cents"),
            (#"{"data": {"amount_cents": {"$gt": "1"}}}"#, "match.data.amount_cents.$gt"),
            (#"{"data": {"huge": 9007199254740992}}"#, "match.data.huge"),
            (#"{"data": {"paid": {"$gte": 1}}}"#, "match.data.paid.$gte"),
            (#"{"data": {"paid": 1}}"#, "match.data.paid"),
            (#"{"data": {"note": ""}}"#, "match.data.note"), (#"{"data": {"discount": null}}"#, "match.data.discount"),
            (#"{"data": {"name": "Zoe\u0308"}}"#, "match.data.name"),
            (#"{"data": {"customer_id": {"$lt": "Z"}}}"#, "match.data.customer_id.$lt"),
            (#"{"data": {"metadata": {"tags": ["gift", "x"]}}}"#, "match.data.metadata.tags[1]"),
            (#"{"data": {"currency": ["EUR"]}}"#, "match.data.currency"),
            (#"{"data": {"metadata": {"tags": {"$eq": "gift"}}}}"#, "match.data.metadata.tags.$eq"),
            (#"{"data": {"metadata": {"tags": {"$eq": ["urgent", "gift"]}}}}"#, "match.data.metadata.tags.$eq"),
            (#"{"data": {"metadata": {"tags": {"$startsWith": "gift"}}}}"#, "match.data.metadata.tags.$startsWith"),
            (#"{"data": {"metadata": {"items": {"id": 456, "title": "b"}}}}"#, "match.data.metadata.items"),
            (#"{"data": {"metadata": {"empty": 1}}}"#, "match.data.metadata.empty"),
            (#"{"data": {"metadata": "x"}}"#, "match.data.metadata"),
            (#"{"data": {"currency": {"code": "EUR"}}}"#, "match.data.currency.code"),
            (#"{"data": {"currency": {"$in": ["USD"]}}}"#, "match.data.currency.$in"),
            (#"{"data": {"currency": {"$in": "EURO"}}}"#, "match.data.currency.$in"),
            (#"{"data": {"currency": {"$nin": ["EUR"]}}}"#, "match.data.currency.$nin"),
            (#"{"data": {"currency": {"$neq": "EUR"}}}"#, "match.data.currency.$neq"),
            (#"{"data": {"key": {"$startsWith": "inv-70"}}}"#, "match.data.key.$startsWith"),
            (#"{"data": {"key": {"$endsWith": "inv"}}}"#, "match.data.key.$endsWith"),
            (#"{"data": {"note": {"$exist": false}}}"#, "match.data.note.$exist"),
            (#"{"data": {"discount": {"$exist": true}}}"#, "match.data.discount.$exist"),
            (#"{"data": {"discount": {"$gte": 0}}}"#, "match.data.discount.$gte"),
            (#"{"data": {"currency": {"$or": ["USD", "GBP"]}}}"#, "match.data.currency.$or"),
            (#"{"$or": [{"data": {"currency": "USD"}}, {"type": "x"}]}"#, "match.$or"),
            (#"{"$and": [{"data": {"paid": true}}, {"data": {"currency": "USD"}}]}"#, "match.$and[1].data.currency"),
            (#"{"$not": {"data": {"currency": "EUR"}}}"#, "match.$not"),
        ])
    func keepsBack(match: String, condition: String) throws {
        #expect(try !MatchTests.hears(match))
        let value = try JSONReader.read(Array(MatchTests.invoice.utf8))
        let failure = try #require(try MatchTests.read(match).failure(of: value))
        #expect(failure.condition == condition)
        #expect(!failure.reason.isEmpty && !failure.description.contains("acme"))
    }

    @Test("the reason tells of the filter and nothing of the invoice but a kind")
    func reasons() throws {
        let value = try JSONReader.read(Array(MatchTests.invoice.utf8))
        func reason(_ match: String) throws -> String? { try MatchTests.read(match).failure(of: value)?.description }
        #expect(
            try reason(#"{"data": {"amount_cents": {"$lt": 1000}}}"#)
                == "`match.data.amount_cents.$lt` is not met: the event's value is not less than 1000")
        #expect(
            try reason(#"{"data": {"customer_id": "shop"}}"#)
                == "`match.data.customer_id` is not met: the event's value is not \"shop\"")
        #expect(
            try reason(#"{"data": {"paid": {"$gt": 1}}}"#)
                == "`match.data.paid.$gt` is not met: the event has a boolean there")
        #expect(
            try reason(#"{"data": {"region": "eu"}}"#) == "`match.data.region` is not met: the event has no such field")
    }

    @Test(
        "a mistake in it is named with its place and the fix",
        arguments: [
            ("7", "match", "not an object"), (#"{"data": {"a": {"$gtt": 1}}}"#, "match.data.a.$gtt", "`$gt`"),
            (#"{"data": {"a": {"$startswith": "x"}}}"#, "match.data.a.$startswith", "`$startsWith`"),
            (#"{"data": {"a": {"$regex": "x"}}}"#, "match.data.a.$regex", "$endsWith"),
            (#"{"amount_cents": 5}"#, "match.amount_cents", #"{"data": {"amount_cents": …}}"#),
            (#"{"dta": {"a": 5}}"#, "match.dta", "`data`"),
            (#"{"$or": [{"currency": "EUR"}]}"#, "match.$or[0].currency", "data"),
            (#"{"$not": 5}"#, "match.$not", "object"), (#"{"data": {}}"#, "match.data", "$exist"),
            (#"{"data": {"a": []}}"#, "match.data.a", #"{"$eq": []}"#),
            (#"{"data": {"a": {"$gt": true}}}"#, "match.data.a.$gt", "number"),
            (#"{"data": {"a": {"$lte": null}}}"#, "match.data.a.$lte", "number"),
            (#"{"data": {"a": {"$in": {}}}}"#, "match.data.a.$in", "brackets"),
            (#"{"data": {"a": {"$nin": []}}}"#, "match.data.a.$nin", "put something"),
            (#"{"data": {"a": {"$startsWith": [1]}}}"#, "match.data.a.$startsWith[0]", "quotes"),
            (#"{"data": {"a": {"$endsWith": 1}}}"#, "match.data.a.$endsWith", "quotes"),
            (#"{"data": {"a": {"$exist": "yes"}}}"#, "match.data.a.$exist", "true or false"),
            (#"{"data": {"a": {"$or": "b"}}}"#, "match.data.a.$or", "brackets"),
            (#"{"$and": []}"#, "match.$and", "put something"),
            (#"{"data": {"\u001b[2J": {"$x": 1}}}"#, #"match.data.\u{1b}[2J.$x"#, "use one of"),
        ])
    func mistakes(match: String, field: String, fix: String) throws {
        let error = try #require(throws: SubscriptionError.self) { try MatchTests.read(match) }
        #expect(error.field == field)
        #expect("\(error.problem); \(error.fix)".contains(fix), "\(error)")
    }

    @Test("nesting is bounded")
    func deep() throws {
        let deep = { (levels: Int) in
            #"{"data": \#(String(repeating: #"{"a": "#, count: levels))1\#(String(repeating: "}", count: levels))}"#
        }
        _ = try MatchTests.read(deep(30))
        let error = try #require(throws: SubscriptionError.self) { try MatchTests.read(deep(40)) }
        #expect(error.field == "match" && error.problem.contains("32"))
    }
}
