import Process
import Times

func request(_ text: String) throws(Rejection) -> InvoiceRequest {
    try InvoiceRequest.read(Array(text.utf8))
}

/// A request with `lines`, which are written as JSON.
func request(lines: String..., rest: String = "") throws(Rejection) -> InvoiceRequest {
    try request("{\"customer_id\":\"c\",\"lines\":[\(lines.joined(separator: ","))]\(rest)}")
}

/// One line as JSON; a field that is `nil` is left out.
func line(
    description: String? = "\"x\"", quantity: String? = "1", unit: String? = "100", rate: String? = nil
) -> String {
    let fields = [
        ("description", description), ("quantity", quantity), ("unit_amount_cents", unit), ("tax_rate", rate),
    ]
    let members = fields.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
    return "{\(members.joined(separator: ","))}"
}

/// Why a request is refused; `nil` if it is not.
func rejection(_ read: () throws(Rejection) -> InvoiceRequest) -> Rejection? {
    do throws(Rejection) {
        _ = try read()
        return nil
    } catch {
        return error
    }
}

func rejection(of text: String) -> Rejection? {
    rejection { () throws(Rejection) in try request(text) }
}

func rejection(ofLines lines: String...) -> Rejection? {
    rejection(of: "{\"customer_id\":\"c\",\"lines\":[\(lines.joined(separator: ","))]}")
}

extension Invoice {
    static func make(
        request text: String = #"{"customer_id":"c-1","amount_cents":1999,"currency":"EUR"}"#, key: String = "inv-7"
    ) throws -> Invoice {
        Invoice(
            of: try request(text), id: "inv_0123456789abcdef0123456789abcdef", key: key,
            requestSHA256: String(repeating: "ab", count: 32),
            createdAt: Timestamp(nanoseconds: 1_700_000_000_123_456_789),
            processedAt: Timestamp(nanoseconds: 1_700_000_001_000_000_000))
    }
}
