internal import JSON
public import Times

/// What Billhook reads back from a `.invoice`.
public struct InvoiceRecord: Sendable, Equatable {
    public let id: String
    public let key: String
    public let customerID: String
    public let amountCents: Int64
    public let currency: String
    public let createdAt: Timestamp
    /// Precise to the millisecond.
    public let processedAt: Timestamp
    /// 64 lower-case hexadecimal digits.
    public let requestSHA256: String
    /// Where its key came from; `nil` if from the file's name.
    public let keyOrigin: KeyOrigin?

    /// What would be read back of an invoice.
    public init(_ invoice: Invoice) {
        self.init(
            id: invoice.id, key: invoice.key, customerID: invoice.customerID, amountCents: invoice.amountCents,
            currency: invoice.currency, createdAt: invoice.createdAt.roundedDownToMillisecond,
            processedAt: invoice.processedAt.roundedDownToMillisecond,
            requestSHA256: invoice.requestSHA256, keyOrigin: invoice.keyOrigin)
    }

    init(
        id: String, key: String, customerID: String, amountCents: Int64, currency: String, createdAt: Timestamp,
        processedAt: Timestamp, requestSHA256: String, keyOrigin: KeyOrigin?
    ) {
        self.id = id
        self.key = key
        self.customerID = customerID
        self.amountCents = amountCents
        self.currency = currency
        self.createdAt = createdAt
        self.processedAt = processedAt
        self.requestSHA256 = requestSHA256
        self.keyOrigin = keyOrigin
    }

    /// Reads the bytes of a `.invoice` file; members it does not know are ignored.
    ///
    /// - Throws: `InvoiceRecordError` if they are not JSON, or a field is missing or not as Billhook writes it: a file
    ///   that somebody made up or cut is not believed.
    public static func read(_ bytes: [UInt8]) throws(InvoiceRecordError) -> InvoiceRecord {
        let document: JSONValue
        do { document = try JSONReader.read(bytes) } catch { throw InvoiceRecordError(problem: error.description) }
        guard let object = document.object else {
            throw InvoiceRecordError(problem: "It is \(document.kindName), not an object.")
        }
        try require("status", text("status", in: object) == "processed")
        let record = InvoiceRecord(
            id: try text("id", in: object), key: try text("key", in: object),
            customerID: try text("customer_id", in: object), amountCents: try cents("amount_cents", in: object),
            currency: try text("currency", in: object), createdAt: try moment("created_at", in: object),
            processedAt: try moment("processed_at", in: object), requestSHA256: try text("request_sha256", in: object),
            keyOrigin: object["key_from"]?.string.map { KeyOrigin(keyFrom: $0, fileName: object["file_name"]?.string) })
        try require("id", InvoiceID.isWellFormed(record.id))
        try require("request_sha256", record.requestSHA256.utf8.isLowerCaseHex(digits: 64))
        try require("amount_cents", record.amountCents >= 1)
        return record
    }

    private static func text(_ field: String, in object: JSONObject) throws(InvoiceRecordError) -> String {
        guard let text = object[field]?.string, !text.isEmpty else { throw InvoiceRecordError(field: field) }
        return text
    }

    private static func cents(_ field: String, in object: JSONObject) throws(InvoiceRecordError) -> Int64 {
        guard let cents = object[field]?.int64 else { throw InvoiceRecordError(field: field) }
        return cents
    }

    private static func moment(_ field: String, in object: JSONObject) throws(InvoiceRecordError) -> Timestamp {
        guard let moment = Timestamp(iso8601: try text(field, in: object)) else {
            throw InvoiceRecordError(field: field)
        }
        return moment
    }

    private static func require(_ field: String, _ isRight: Bool) throws(InvoiceRecordError) {
        if !isRight { throw InvoiceRecordError(field: field) }
    }
}
