import Process
import Testing

@Suite("Fields of a request")
struct RequestFieldsTests {
    private func rejection(customerID: String) -> Rejection? {
        ProcessTests.rejection(of: "{\"customer_id\":\(customerID),\"amount_cents\":1}")
    }

    private func rejection(with field: String, _ value: String) -> Rejection? {
        ProcessTests.rejection(of: "{\"customer_id\":\"c\",\"amount_cents\":1,\"\(field)\":\(value)}")
    }

    @Test("a request without a customer is refused")
    func missingCustomer() {
        let rejection = ProcessTests.rejection(of: #"{"amount_cents":1}"#)
        #expect(rejection?.code == "missing_field")
        #expect(rejection?.message == "The field `customer_id` is missing.")
        #expect(rejection?.hint == "Give the customer's id as a string of 1 to 500 characters.")
    }

    @Test(
        "a customer id that is none is refused",
        arguments: [
            ("\"\"", "is empty"), ("7", "not a number"), ("null", "not null"), ("[\"c\"]", "not an array"),
            (#""a\nb""#, "control character"), (#""\u0000""#, "control character"), (#""\u007f""#, "control character"),
            (#""\u0085""#, "control character"), ("\"" + String(repeating: "x", count: 501) + "\"", "longer than 500"),
            ("\"e" + String(repeating: "\u{301}", count: 500) + "\"", "longer than 500"),
        ])
    func invalidCustomer(value: String, part: String) {
        let rejection = rejection(customerID: value)
        #expect(rejection?.code == "invalid_field")
        #expect(rejection?.message.hasPrefix("The field `customer_id` ") == true)
        #expect(rejection?.message.contains(part) == true)
    }

    @Test("the longest customer id is accepted, counted in characters and not in bytes")
    func longestCustomer() {
        #expect(rejection(customerID: "\"" + String(repeating: "ü", count: 500) + "\"") == nil)
    }

    @Test(
        "an amount that is none is refused",
        arguments: [
            ("0", "at least 1"), ("-5", "at least 1"), ("-0", "at least 1"), ("19.99", "whole number from 1"),
            ("9223372036854775808", "to 9223372036854775807"), ("1e300", "whole number"), ("\"1999\"", "not a string"),
            ("null", "not null"), ("true", "not a boolean"), ("{}", "not an object"),
        ])
    func invalidAmount(value: String, part: String) {
        let rejection = ProcessTests.rejection(of: "{\"customer_id\":\"c\",\"amount_cents\":\(value)}")
        #expect(rejection?.code == "invalid_field")
        #expect(rejection?.message.hasPrefix("The field `amount_cents` must be ") == true)
        #expect(rejection?.message.contains(part) == true)
    }

    @Test("a wrong amount is refused even where lines would do")
    func invalidAmountBesideLines() {
        let rejection = ProcessTests.rejection { () throws(Rejection) in
            try request(lines: line(), rest: #","amount_cents":null"#)
        }
        #expect(rejection?.code == "invalid_field")
    }

    @Test("letters of a currency may be small", arguments: ["EUR", "eur", "eUr"])
    func currency(text: String) throws {
        let request = try request("{\"customer_id\":\"c\",\"amount_cents\":1,\"currency\":\"\(text)\"}")
        #expect(request.currency == "EUR")
    }

    @Test(
        "a currency of another form is refused and not quoted",
        arguments: [
            "\"\"", "\"EU\"", "\"EURO\"", "\"E R\"", "\"12A\"", "\"@[`\"", "\"{|}\"", "\"é1\"", "\"€\"", "\"ÄÖÜ\"",
            "978",
            "null",
        ])
    func invalidCurrency(value: String) {
        let rejection = rejection(with: "currency", value)
        #expect(rejection?.code == "invalid_field")
        #expect(rejection?.message.hasPrefix("The field `currency` must be ") == true)
        #expect(rejection?.description.contains(value) == false || value == "null" || value == "\"\"")
    }

    @Test("metadata that is no object is refused", arguments: ["[]", "\"x\"", "1", "null", "false"])
    func invalidMetadata(value: String) {
        let rejection = rejection(with: "metadata", value)
        #expect(rejection?.code == "invalid_field")
        #expect(rejection?.message.hasPrefix("The field `metadata` must be an object, not ") == true)
    }

    @Test("lines that are no array of objects are refused, by name")
    func invalidLines() {
        #expect(rejection(with: "lines", "{}")?.message == "The field `lines` must be an array, not an object.")
        #expect(rejection(with: "lines", "null")?.message == "The field `lines` must be an array, not null.")
        #expect(rejection(with: "lines", "[]")?.message == "The field `lines` is an empty array.")
        #expect(
            rejection(with: "lines", "[\(line()),7]")?.message
                == "The field `lines[1]` must be an object, not a number.")
    }

    @Test("a rejection never shows what a field holds")
    func noPayload() {
        for text in [
            #"{"customer_id":["s3cret"],"amount_cents":1}"#, #"{"customer_id":"s3cret\n","amount_cents":1}"#,
            #"{"customer_id":"c","amount_cents":"s3cret"}"#, #"{"customer_id":"c","currency":"s3cret"}"#,
            #"{"customer_id":"c","amount_cents":1,"metadata":"s3cret"}"#, #"{"s3cret":1,"s3cret":2}"#,
        ] {
            let rejection = ProcessTests.rejection(of: text)
            #expect(rejection != nil)
            #expect(rejection?.description.contains("s3cret") == false)
        }
    }

    @Test("messages and hints are whole sentences")
    func sentences() {
        for text in ["{]", "", "[]", "{}", #"{"customer_id":1}"#, #"{"customer_id":"c","lines":[{}]}"#] {
            let rejection = ProcessTests.rejection(of: text)
            #expect(rejection?.message.hasSuffix(".") == true)
            #expect(rejection?.hint.hasSuffix(".") == true)
        }
    }
}
