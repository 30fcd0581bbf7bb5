import Hashing
import JSON
import Process
import Times

extension FuzzTarget {
    static let request = FuzzTarget(
        name: "request",
        examples: [
            #"{"customer_id":"c-1","amount_cents":100}"#,
            #"{"customer_id":"c","currency":"eur","lines":[{"description":"d","quantity":3,"unit_amount_cents":333,"tax_rate":19.5},{"description":"","quantity":1,"unit_amount_cents":0}],"metadata":{"a":[1.50, {"b":null}]}}"#,
            #"{"amount_cents":9223372036854775807,"customer_id":"\u0000","other":[{}]}"#,
            #"{"customer_id":"c","amount_cents":7,"lines":[{"description":"d","quantity":1,"unit_amount_cents":7}]}"#,
        ], tokens: syntax + ["\"lines\":[", "\"tax_rate\":", "0.005", "100", "\"metadata\":{", "\"currency\":\"USD\","]
    ) { bytes in
        let request: InvoiceRequest
        do throws(Rejection) { request = try InvoiceRequest.read(bytes) } catch {
            if error.code.isEmpty || error.message.isEmpty || error.hint.isEmpty {
                return "it is refused without a reason"
            }
            // A payload, or a terminal's escape sequence, must not find its way into a log.
            if error.description.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) {
                return "the reason holds a control character"
            }
            return nil
        }
        if request.customerID.isEmpty { return "nobody is billed" }
        if request.totals.totalCents < 1 && request.lines.isEmpty {
            return "the amount is \(request.totals.totalCents)"
        }
        let (sum, overflow) = request.totals.subtotalCents.addingReportingOverflow(request.totals.taxCents)
        if overflow || sum != request.totals.totalCents { return "the totals do not add up: \(request.totals)" }
        if request.currency.utf8.count != 3 { return "the currency is \(request.currency)" }
        if let metadata = request.metadata, (try? JSONReader.read(metadata))?.object == nil {
            return "the metadata is no JSON object"
        }
        let moment = Timestamp(nanoseconds: 1_795_000_000_000_000_000)
        let hash = ContentHash.sha256(bytes)
        let invoice = Invoice(
            of: request,
            id: InvoiceID.derive(spoolID: "s", key: "k", requestSHA256: hash, inode: 1, modified: moment), key: "k",
            requestSHA256: ContentHash.hex(hash), createdAt: moment, processedAt: moment)
        guard let record = try? InvoiceRecord.read(invoice.encoded()) else { return "its invoice can't be read" }
        if record != InvoiceRecord(invoice) { return "its invoice reads as another" }
        if record.customerID != request.customerID { return "its invoice bills somebody else" }
        return nil
    }
}
