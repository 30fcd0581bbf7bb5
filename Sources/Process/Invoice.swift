internal import JSON
public import Times

/// A processed invoice: what the `.invoice` sidecar holds and the webhook carries.
public struct Invoice: Sendable, Equatable {
    /// By `InvoiceID.derive` when it is processed first; from the `.invoice` ever after.
    public let id: String
    public let key: String
    public let customerID: String
    /// Three upper-case letters.
    public let currency: String
    public let createdAt: Timestamp
    public private(set) var processedAt: Timestamp
    public let totals: Totals
    /// The bytes of the request's `metadata`, if it has one.
    public let metadata: [UInt8]?
    /// The digest of the request file's bytes, 64 lower-case hexadecimal digits.
    public let requestSHA256: String
    /// Where its key came from; `nil` if from the file's name.
    public let keyOrigin: KeyOrigin?
    /// The bytes of the JSON object that the processor made of it; `nil` without a processor, or if it wrote nothing.
    public private(set) var result: [UInt8]?

    /// What the invoice comes to, tax included.
    public var amountCents: Int64 { totals.totalCents }

    public init(
        of request: InvoiceRequest, id: String, key: String, requestSHA256: String, createdAt: Timestamp,
        processedAt: Timestamp, keyOrigin: KeyOrigin? = nil
    ) {
        self.id = id
        self.key = key
        self.customerID = request.customerID
        self.currency = request.currency
        self.createdAt = createdAt
        self.processedAt = processedAt
        self.totals = request.totals
        self.metadata = request.metadata
        self.requestSHA256 = requestSHA256
        self.keyOrigin = keyOrigin
    }

    /// The same invoice with what the processor made of it.
    ///
    /// - Parameters:
    ///   - result: a JSON object, which is not checked here; see ``ProcessorOutcome``.
    ///   - moment: when the processor had ended, which may be long after the request was claimed.
    public func with(result: [UInt8]?, processedAt moment: Timestamp) -> Invoice {
        var copy = self
        copy.result = result
        copy.processedAt = max(processedAt, moment)
        return copy
    }

    /// The bytes of the `.invoice` file: one JSON object on one line, with its line feed.
    ///
    /// `metadata` and `result` stand there byte for byte, except that line breaks between their tokens are spaces; in a
    /// string there is none (RFC 8259, section 7). Without them the member is left out. Times are cut to the millisecond.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 640 + (metadata?.count ?? 0) + (result?.count ?? 0))
        writer.beginObject()
        writer.member("id", id)
        writer.member("key", key)
        writer.member("status", "processed")
        writer.member("customer_id", customerID)
        writer.member("amount_cents", amountCents)
        writer.member("currency", currency)
        writer.member("subtotal_cents", totals.subtotalCents)
        writer.member("tax_cents", totals.taxCents)
        writer.member("total_cents", totals.totalCents)
        writer.member("created_at", createdAt)
        writer.member("processed_at", processedAt)
        if let metadata { writer.member("metadata", raw: Self.onOneLine(metadata)) }
        writer.member("request_sha256", requestSHA256)
        if let keyOrigin {
            writer.member("key_from", keyOrigin.keyFrom)
            if let fileName = keyOrigin.fileName { writer.member("file_name", fileName) }
        }
        if let result { writer.member("result", raw: Self.onOneLine(result)) }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    private static func onOneLine(_ json: [UInt8]) -> [UInt8] {
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        guard json.contains(where: { $0 == lineFeed || $0 == carriageReturn }) else { return json }
        return json.map { $0 == lineFeed || $0 == carriageReturn ? UInt8(ascii: " ") : $0 }
    }
}
