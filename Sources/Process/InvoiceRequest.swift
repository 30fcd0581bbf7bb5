internal import JSON

/// A request for one invoice, read and checked, with its totals worked out.
public struct InvoiceRequest: Sendable, Equatable {
    public let customerID: String
    /// Three upper-case letters; `USD` if the request names none.
    public let currency: String
    /// Empty if the request gives only an amount.
    public let lines: [InvoiceLine]
    /// The bytes of the `metadata` object exactly as they stand in the request; `nil` if there is none.
    public let metadata: [UInt8]?
    public let totals: Totals

    /// Reads the bytes of a request file.
    ///
    /// Fields it does not know are ignored. An optional field that is present must be right: `null` is no amount.
    ///
    /// - Throws: `Rejection` for the first thing that is wrong; it is `isIncomplete` if more bytes could make the file
    ///   valid JSON.
    public static func read(_ bytes: [UInt8]) throws(Rejection) -> InvoiceRequest {
        let document: JSONValue
        do { document = try JSONReader.read(bytes) } catch { throw Rejection(error) }
        guard let object = document.object else {
            throw Rejection(
                .notAnObject, "The request is \(document.kindName), not an object.",
                hint: "Write one JSON object with `customer_id` and `amount_cents` or `lines`.")
        }
        let fields = RequestFields(object)
        let customerID = try fields.customerID()
        let lines = try fields.lines()
        return InvoiceRequest(
            customerID: customerID, currency: try fields.currency(), lines: lines,
            metadata: try fields.metadata(in: bytes),
            totals: try fields.totals(of: lines))
    }
}
