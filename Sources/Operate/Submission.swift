internal import Hashing
internal import JSON
public import Process
public import Spool

/// A request that was checked and may be dropped.
public struct Submission: Sendable {
    public let key: Key
    /// The bytes that the request file will have.
    public let content: [UInt8]

    /// The most bytes a request may have unless the daemon is told otherwise: 1 MiB.
    public static let standardMaximumBytes = 1 << 20

    /// Checks a request by the rules that the daemon has.
    ///
    /// - Throws: `Rejection` with the first thing that is wrong: such a request is not to be dropped.
    public init(key: Key, content: [UInt8], maximumBytes: Int = standardMaximumBytes) throws(Rejection) {
        guard content.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        _ = try InvoiceRequest.read(content)
        self.key = key
        self.content = content
    }

    /// Checks a request for a spool that derives its keys.
    ///
    /// - Throws: `Rejection` with the first thing that is wrong: such a request is not to be dropped.
    public init(
        content: [UInt8], by derivation: KeyDerivation, maximumBytes: Int = standardMaximumBytes
    ) throws(Rejection) {
        guard content.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        _ = try InvoiceRequest.read(content)
        do throws(KeylessContent) {
            key = try derivation.key(of: content)
        } catch {
            throw Rejection(error)
        }
        self.content = content
    }

    /// Checks a line of JSON Lines; its key is its `idempotency_key`, else the SHA-256 of its canonical JSON, 64
    /// hexadecimal digits.
    ///
    /// - Throws: `Rejection` with the first thing that is wrong, an illegal `idempotency_key` included.
    public init(line: [UInt8], maximumBytes: Int = standardMaximumBytes) throws(Rejection) {
        guard line.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        _ = try InvoiceRequest.read(line)
        key = try Submission.key(ofLine: line)
        content = line
    }

    /// The content of a request that consists of an amount.
    ///
    /// - Parameter currency: three letters; left out of the request if `nil`, which means `USD`.
    public static func content(customerID: String, amountCents: Int64, currency: String?) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("customer_id", customerID)
        writer.member("amount_cents", amountCents)
        if let currency { writer.member("currency", currency) }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    private static func key(ofLine line: [UInt8]) throws(Rejection) -> Key {
        guard let value = try? JSONReader.read(line) else { throw .unusableKey("can't be read") }
        guard let field = value.object?["idempotency_key"] else {
            guard let key = Key(ContentHash.hex(ContentHash.sha256(value.canonical()))) else {
                throw .unusableKey("can't be derived")
            }
            return key
        }
        guard let text = field.string else { throw .unusableKey("must be a string, not \(field.kindName)") }
        guard let key = Key(text) else {
            throw .unusableKey("is no legal key: \(Key.objection(to: text) ?? "it has a form of its own")")
        }
        return key
    }
}

extension Rejection {
    fileprivate init(_ keyless: KeylessContent) {
        self.init(Kind(rawValue: keyless.code.rawValue) ?? .invalidField, keyless.message, hint: keyless.hint)
    }

    static func tooLarge(limit: Int) -> Rejection {
        Rejection(
            .tooLarge, "The request has more than the \(limit) bytes that it may have.",
            hint: "Split it into several invoices, or raise --max-request-bytes here and for the daemon.")
    }

    fileprivate static func unusableKey(_ problem: String) -> Rejection {
        Rejection(
            .invalidField, "The field `idempotency_key` \(problem).",
            hint: "Use 1 to 200 letters, digits or . _ ~ @ : + = - and begin with a letter or digit; or leave it out.")
    }
}
