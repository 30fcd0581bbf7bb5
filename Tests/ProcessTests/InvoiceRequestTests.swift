import Process
import Testing

@Suite("Requests")
struct InvoiceRequestTests {
    @Test("the smallest request is a customer and an amount")
    func smallest() throws {
        let request = try request(#"{"customer_id":"c","amount_cents":1}"#)
        #expect(request.customerID == "c")
        #expect(request.currency == "USD")
        #expect(request.lines.isEmpty)
        #expect(request.metadata == nil)
        #expect(request.totals == Totals(subtotalCents: 1, taxCents: 0, totalCents: 1))
    }

    @Test("fields it does not know are ignored")
    func unknownFields() throws {
        let request = try request(#"{"customer_id":"c","amount_cents":1,"amount":"x","Currency":5,"tax_rate":[]}"#)
        #expect(request.totals.totalCents == 1)
        #expect(request.currency == "USD")
    }

    @Test("a whole number may be written in any way", arguments: ["1999", "1999.0", "1.999e3", "199900e-2"])
    func wholeNumbers(amount: String) throws {
        #expect(try request("{\"customer_id\":\"c\",\"amount_cents\":\(amount)}").totals.totalCents == 1999)
    }

    @Test("the largest amount fits")
    func largestAmount() throws {
        let request = try request(#"{"customer_id":"c","amount_cents":9223372036854775807}"#)
        #expect(request.totals.totalCents == .max)
    }

    @Test("every proper prefix of a request is incomplete")
    func truncation() throws {
        let bytes = Array(
            #"{"customer_id":"ü😀\\","amount_cents":119,"lines":[\#(line(rate: "19.0"))],"metadata":{"a":[true,null]}}"#
                .utf8)
        #expect(try InvoiceRequest.read(bytes).totals.totalCents == 119)
        for length in bytes.indices {
            let rejection = rejection { () throws(Rejection) in try InvoiceRequest.read(Array(bytes[..<length])) }
            #expect(rejection?.isIncomplete == true, "cut at \(length)")
            #expect(rejection?.code == "incomplete")
        }
    }

    @Test("an empty file is incomplete", arguments: ["", "\n"])
    func empty(text: String) {
        #expect(rejection(of: text)?.kind == .incomplete)
    }

    @Test(
        "what is not JSON is malformed, with the reason and the place",
        arguments: [
            ("{]", "byte 1"), (#"{"customer_id":"c","customer_id":"d","amount_cents":1}"#, "twice"),
            (#"{"customer_id":"c","amount_cents":1e400}"#, "too large"), ("customer_id,amount\n", "byte 0"),
            (#"{"customer_id":"c","amount_cents":1} {}"#, "follows the end"),
        ])
    func malformed(text: String, part: String) {
        let rejection = rejection(of: text)
        #expect(rejection?.code == "malformed_json")
        #expect(rejection?.message.contains(part) == true)
        #expect(rejection?.isIncomplete == false)
    }

    @Test("nesting deeper than 128 is malformed")
    func depth() {
        func text(_ depth: Int) -> String {
            let arrays = String(repeating: "[", count: depth - 2) + String(repeating: "]", count: depth - 2)
            return "{\"customer_id\":\"c\",\"amount_cents\":1,\"metadata\":{\"a\":\(arrays)}}"
        }
        #expect(rejection(of: text(128)) == nil)
        #expect(rejection(of: text(129))?.kind == .malformedJSON)
    }

    @Test("a document of another kind is told as such", arguments: ["[]", "\"x\"", "1", "null", "true"])
    func notAnObject(text: String) {
        #expect(rejection(of: text)?.code == "not_an_object")
    }

    @Test("neither amount nor lines is a missing field")
    func neither() {
        let rejection = rejection(of: #"{"customer_id":"c"}"#)
        #expect(rejection?.code == "missing_field")
        #expect(rejection?.message == "Neither `amount_cents` nor `lines` is given.")
    }

    @Test("an amount that agrees with its lines is accepted")
    func agreeing() throws {
        #expect(try request(lines: line(), rest: #","amount_cents":100"#).totals.totalCents == 100)
    }

    @Test("an amount that disagrees with its lines is refused")
    func disagreeing() {
        let rejection = rejection { () throws(Rejection) in
            try request(lines: line(), rest: #","amount_cents":101"#)
        }
        #expect(rejection?.code == "amount_disagrees")
        #expect(rejection?.message == "The field `amount_cents` is 101, but `lines` come to 100.")
    }

    @Test("metadata is carried through byte for byte")
    func metadata() throws {
        let metadata = "{ \"b\" : 1.50,\n\t\"a\":\"\\u00e4\\/\", \"n\": 12345678901234567890 }"
        let request = try request("{\"metadata\": \(metadata) ,\"customer_id\":\"c\",\"amount_cents\":1}")
        #expect(request.metadata == Array(metadata.utf8))
    }
}
