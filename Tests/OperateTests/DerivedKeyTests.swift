import Files
import Process
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("Operating a spool that derives its keys")
struct DerivedKeyTests {
    private static let field = KeySource.derived(.field("order"))

    private static func request(_ order: String, _ amount: Int = 1000) -> String {
        #"{"order":"\#(order)","customer_id":"acme","amount_cents":\#(amount)}"#
    }

    private func submission(_ derivation: KeyDerivation, _ text: String) throws(Rejection) -> Submission {
        try Submission(content: Array(text.utf8), by: derivation)
    }

    @Test("submitting takes the key from the content, and the request stands in incoming/ under it")
    func submit() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        let submission = try submission(.field("order"), Self.request("o-1"))
        #expect(submission.key.name == "o-1")
        #expect(try Submitter(fixture.spool).submit(submission) == .submitted)
        #expect(try fixture.names(fixture.spool.incoming) == ["o-1.json"])
        let again = try Submitter(fixture.spool).submit(submission)
        #expect(again == .duplicate(of: Standing(state: .incoming, isSame: true, invoice: nil)))
    }

    @Test("one value is one key, however it is written")
    func content() throws {
        let keys = try [
            #"{"customer_id":"acme","amount_cents":5}"#, "{\"amount_cents\": 5.0,\n \"customer_id\":\"acme\"}",
        ].map { try submission(.content, $0).key }
        #expect(keys[0] == keys[1] && keys[0].name.utf8.count == 64)
    }

    @Test(
        "what has no key, or is no request, is not submitted",
        arguments: [
            (#"{"customer_id":"acme","amount_cents":5}"#, Rejection.Kind.missingField),
            (#"{"order":"a b","customer_id":"acme","amount_cents":5}"#, .invalidField),
            (#"{"order":"a","customer_id":"acme"}"#, .missingField), ("{]", .malformedJSON),
        ])
    func rejected(text: String, kind: Rejection.Kind) throws {
        let rejection = try #require(throws: Rejection.self) { try submission(.field("order"), text) }
        #expect(rejection.kind == kind)
    }

    @Test("lines take their keys from where the spool does, and not from idempotency_key")
    func lines() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        var lines = LineSubmitter(fixture.spool)
        var results: [LineSubmitter.Result] = []
        let first = #"{"order":"o-1","idempotency_key":"x","customer_id":"acme","amount_cents":5}"#
        let text = "\(first)\n\(first)\n\(Self.request("o-2"))\n{\"customer_id\":\"acme\",\"amount_cents\":5}\n"
        try lines.take(Array(text.utf8)) { results.append($0) }
        #expect(results.map { $0.submission?.key.name } == ["o-1", "o-1", "o-2", nil])
        #expect(lines.tally == LineSubmitter.Tally(submitted: 2, duplicates: 1, conflicts: 0, invalid: 1))
        #expect(try fixture.names(fixture.spool.incoming).sorted() == ["o-1.json", "o-2.json"])
    }

    @Test("making a spool again with another source of keys is refused, and says which it has")
    func sources() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        let error = try #require(throws: OperateError.self) {
            try SpoolAccess.create(fixture.spool.path, keySource: .derived(.content))
        }
        #expect(error.kind == .cannotCreate)
        #expect(error.description.contains("'field:order'"))
        #expect(try !SpoolAccess.create(fixture.spool.path).isNew)
        #expect(try !SpoolAccess.create(fixture.spool.path, keySource: Self.field).isNew)
    }

    @Test("status counts drops of every name, and names the unfinished ones")
    func status() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        try fixture.put("Rechnung 1", .incoming, Self.request("o-1"))
        try fixture.put("Rechnung ä", .incoming, #"{"order""#)
        let status = try StatusReader(fixture.spool).read(now: .now)
        #expect(status.requests[.incoming] == 2)
        #expect(status.incomplete.map(\.fileName) == ["Rechnung \\xc3\\xa4.json"])
        #expect(status.incomplete.allSatisfy { $0.key == nil })
        #expect(status.text().contains("incoming/Rechnung \\xc3\\xa4.json is cut off"))
    }

    @Test("show tells under which name the request came, and where its key is from")
    func show() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        try fixture.put("o-1", .done, Self.request("o-1"))
        let request = try InvoiceRequest.read(Array(Self.request("o-1").utf8))
        let moment = Timestamp(seconds: 1_700_000_000, nanoseconds: 0)
        let invoice = Invoice(
            of: request, id: "inv_" + String(repeating: "0", count: 32), key: "o-1",
            requestSHA256: String(repeating: "0", count: 64), createdAt: moment, processedAt: moment,
            keyOrigin: KeyOrigin(keyFrom: "field:order", fileName: "Rechnung 1.json"))
        try fixture.put(.invoice, of: "o-1", .done, String(decoding: invoice.encoded(), as: UTF8.self))
        let report = try #require(try KeyInspector(fixture.spool).inspect(fixture.key("o-1"), now: .now))
        #expect(report.text(now: .now).contains("key from field:order, dropped as Rechnung 1.json"))
    }

    @Test("check knows what stands in aside/ there")
    func check() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        try fixture.scratch.write(Self.request("o-1"), to: "spool/.billhook/aside/~00112233")
        #expect(try fixture.spool.aside.makeLink("~00112233.name", to: "Rechnung 1.json"))
        #expect(try fixture.spool.aside.makeLink("o-2.json.name", to: "Rechnung 2.json"))
        #expect(try fixture.found() == ["info aside .billhook/aside/~00112233"])
        // Buried as far as its .error: that is not left over.
        let refused = DropName.refusedName(Array("Rechnung 1.json".utf8))
        let report = ErrorReport(
            code: "x", message: "m", stage: .claim, hint: "h", at: .now, fileName: "Rechnung 1.json")
        try fixture.scratch.write(String(decoding: report.encoded(), as: UTF8.self), to: "spool/dead/\(refused).error")
        #expect(try fixture.found() == ["info aside .billhook/aside/~00112233"])
        try fixture.scratch.write("x", to: "spool/.billhook/aside/~0011223")
        #expect(try fixture.found().contains("warning foreign .billhook/aside/~0011223"))
    }

    // The dead request that a new one supersedes was taken for a conflict while the new one stood in aside/.
    @Test("waiting sees past the dead request that the new one supersedes")
    func superseded() throws {
        let fixture = try SpoolFixture(keySource: Self.field)
        try fixture.put("o-1", .dead, Self.request("o-1", -1))
        try fixture.scratch.write(Self.request("o-1"), to: "spool/.billhook/aside/~00112233")
        #expect(try fixture.spool.aside.makeLink("~00112233.name", to: "o-1.json"))
        let waiter = Waiter(fixture.spool, until: .done)
        let submission = try submission(.field("order"), Self.request("o-1"))
        #expect(try waiter.ending(of: submission) == nil)
        _ = try fixture.spool.aside.remove("~00112233")
        _ = try fixture.spool.aside.remove("~00112233.name")
        #expect(try waiter.ending(of: submission) == .conflict)
    }
}
