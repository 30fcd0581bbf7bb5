import JSON
import Process
import Testing
import Times

@Suite("Invoices")
struct InvoiceTests {
    private func text(_ invoice: Invoice) -> String {
        String(decoding: invoice.encoded(), as: UTF8.self)
    }

    @Test("an invoice is one line of JSON with its fields in order")
    func encoded() throws {
        let written = try text(.make())
        #expect(
            written
                == #"{"id":"inv_0123456789abcdef0123456789abcdef","key":"inv-7","status":"processed","#
                + #""customer_id":"c-1","amount_cents":1999,"currency":"EUR","subtotal_cents":1999,"tax_cents":0,"#
                + #""total_cents":1999,"created_at":"2023-11-14T22:13:20.123Z","#
                + #""processed_at":"2023-11-14T22:13:21.000Z","request_sha256":""#
                + String(repeating: "ab", count: 32) + "\"}\n")
    }

    @Test("the totals are those of the lines")
    func totals() throws {
        let invoice = try Invoice.make(
            request: "{\"customer_id\":\"c\",\"lines\":[\(line(quantity: "2", unit: "500", rate: "19"))]}")
        #expect(invoice.amountCents == 1190)
        let object = try #require(try JSONReader.read(invoice.encoded()).object)
        #expect(object["amount_cents"]?.int64 == 1190)
        #expect(object["subtotal_cents"]?.int64 == 1000)
        #expect(object["tax_cents"]?.int64 == 190)
        #expect(object["total_cents"]?.int64 == 1190)
    }

    @Test("metadata is in it as it was sent")
    func metadata() throws {
        let metadata = #"{ "price" : 1.50, "id": 12345678901234567890, "text":"\u00e4\/\n" }"#
        let written = try text(.make(request: #"{"customer_id":"c","amount_cents":1,"metadata":\#(metadata)}"#))
        #expect(written.contains("\"metadata\":\(metadata),"))
    }

    @Test("metadata of several lines becomes one, and the value stays the same")
    func prettyMetadata() throws {
        let metadata = "{\r\n  \"a\": [\n    1.0,\n    \"x\\ny\"\n  ]\n}"
        let request = #"{"customer_id":"c","amount_cents":1,"metadata":\#(metadata)}"#
        let bytes = try Invoice.make(request: request).encoded()
        #expect(bytes.filter { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.count == 1)
        let value = try #require(try JSONReader.read(bytes).object?["metadata"])
        #expect(try value.isSame(as: JSONReader.read(Array(metadata.utf8))))
    }

    @Test("what a customer is called is escaped")
    func escaped() throws {
        let invoice = try Invoice.make(request: #"{"customer_id":"a\"b\\c","amount_cents":1}"#)
        #expect(try InvoiceRecord.read(invoice.encoded()).customerID == "a\"b\\c")
    }

    @Test("an invoice is read back as it was written")
    func record() throws {
        let invoice = try Invoice.make()
        let record = try InvoiceRecord.read(invoice.encoded())
        #expect(record.id == invoice.id)
        #expect(record.key == invoice.key)
        #expect(record.customerID == invoice.customerID)
        #expect(record.amountCents == 1999)
        #expect(record.currency == "EUR")
        #expect(record.createdAt == Timestamp(nanoseconds: 1_700_000_000_123_000_000))
        #expect(record.processedAt == invoice.processedAt)
        #expect(record.requestSHA256 == invoice.requestSHA256)
    }

    @Test(
        "an invoice that Billhook did not write is not believed",
        arguments: [
            ("inv_0123456789abcdef0123456789abcdef", "inv_0123456789abcdef0123456789abcdeF", "`id`"),
            ("inv_0123456789abcdef", "0123456789abcdefinv_", "`id`"), ("\"processed\"", "\"failed\"", "`status`"),
            ("\"key\":\"inv-7\"", "\"key\":\"\"", "`key`"), ("\"key\":\"inv-7\"", "\"key\":7", "`key`"),
            ("\"c-1\"", "null", "`customer_id`"), (":1999,\"currency\"", ":0,\"currency\"", "`amount_cents`"),
            (":1999,\"currency\"", ":\"1\",\"currency\"", "`amount_cents`"), ("\"EUR\"", "1", "`currency`"),
            ("2023-11-14T22:13:20.123Z", "yesterday", "`created_at`"),
            ("2023-11-14T22:13:21.000Z", "2023-02-30T00:00:00Z", "`processed_at`"),
            ("abab\"}", "abaB\"}", "`request_sha256`"),
            ("abab\"}", "ab\"}", "`request_sha256`"), ("}\n", "", "ends before"), ("{", "[", "byte"),
        ])
    func forged(part: String, replacement: String, named: String) throws {
        let written = try text(.make())
        let pieces = written.split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(pieces.count == 2)
        let forged = pieces.joined(separator: replacement)
        let error = #expect(throws: InvoiceRecordError.self) { try InvoiceRecord.read(Array(forged.utf8)) }
        #expect(error?.description.contains(named) == true)
    }

    @Test("an invoice that is no object is not believed")
    func notAnObject() {
        let error = #expect(throws: InvoiceRecordError.self) { try InvoiceRecord.read(Array("[]".utf8)) }
        #expect(error?.problem == "It is an array, not an object.")
    }
}
