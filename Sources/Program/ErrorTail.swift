/// The last bytes of a stream.
struct ErrorTail: Sendable {
    private let limit: Int
    private(set) var bytes: [UInt8] = []
    /// Whether something came before that was let go.
    private(set) var isCut = false

    init(keeping limit: Int) {
        self.limit = limit
    }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        bytes += new.suffix(limit)
        isCut = isCut || new.count > limit || bytes.count > limit
        if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
    }
}
