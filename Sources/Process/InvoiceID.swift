internal import Hashing
public import Times

/// How the id of an invoice comes about.
public enum InvoiceID {
    /// `inv_` and 32 hexadecimal digits.
    ///
    /// Everything it is made of survives a crash, so a request that is processed again before its `.invoice` was
    /// written gets the same id; inode and time make a later reuse of the key another invoice. It contains no `.`,
    /// which Standard Webhooks forbids in ids.
    ///
    /// - Parameters:
    ///   - spoolID: the random id of the spool, never its path.
    ///   - requestSHA256: the digest of the request's bytes, raw.
    ///   - inode: of the request when it was claimed.
    ///   - modified: the request's modification time when it was claimed.
    public static func derive(
        spoolID: String, key: String, requestSHA256: [UInt8], inode: UInt64, modified: Timestamp
    ) -> String {
        var fields: [UInt8] = []
        fields.reserveCapacity(128 + spoolID.utf8.count + key.utf8.count)
        append("billhook invoice id 1".utf8, to: &fields)
        append(spoolID.utf8, to: &fields)
        append(key.utf8, to: &fields)
        append(requestSHA256, to: &fields)
        append(inode, to: &fields)
        append(UInt64(bitPattern: modified.nanoseconds), to: &fields)
        return ContentHash.id(prefix, of: fields)
    }

    private static let prefix = "inv_"

    /// Whether a text has the form of an id.
    static func isWellFormed(_ text: String) -> Bool {
        text.hasPrefix(prefix) && text.utf8.dropFirst(prefix.utf8.count).isLowerCaseHex(digits: 32)
    }

    /// Each field goes behind its length, so that no two lists of fields have the same bytes.
    private static func append(_ field: some Collection<UInt8>, to fields: inout [UInt8]) {
        appendBigEndian(UInt64(field.count), to: &fields)
        fields += field
    }

    private static func append(_ value: UInt64, to fields: inout [UInt8]) {
        appendBigEndian(8, to: &fields)
        appendBigEndian(value, to: &fields)
    }

    private static func appendBigEndian(_ value: UInt64, to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}

extension Collection<UInt8> {
    func isLowerCaseHex(digits: Int) -> Bool {
        count == digits
            && allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
