/// What the receiver asks for in the answer's header `webhook-delivery` (Svix, "Delivery Control").
public enum PostInstruction: String, Sendable, CaseIterable {
    /// Not to send this message again.
    case abortMessage = "abort-message"
    /// To send nothing more to this endpoint.
    case disable

    private static let name = Array("webhook-delivery:".utf8)

    /// Reads a header line; `nil` if it is another header, or asks for nothing that is known.
    init?(headerLine line: UnsafeRawBufferPointer) {
        guard line.count > Self.name.count, line.count < 80,
            zip(line, Self.name).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && (0x41...0x5A).contains($0) })
        else { return nil }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let value = line.dropFirst(Self.name.count).drop(while: isSpace)
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? value.startIndex
        self.init(rawValue: String(decoding: value[..<end], as: UTF8.self).lowercased())
    }
}
