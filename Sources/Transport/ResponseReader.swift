/// Follows an answer as libcurl hands it over, line by line and piece by piece, and decides when it is enough.
///
/// Needed beside libcurl's own verdict, which calls an answer that ends in the middle of its header a success.
struct ResponseReader {
    /// How many bytes of the body are kept.
    var limit: Int
    /// The first bytes of the body.
    private(set) var head: [UInt8] = []
    /// The status of the final answer, once its header is complete.
    private(set) var status: Int?
    /// Whether the body was cut at `ResponseLimits.body`: the answer counts all the same.
    private(set) var isCut = false
    /// Whether the header went on beyond `ResponseLimits.header`.
    private(set) var isHeaderTooLong = false
    /// What the final answer's header asks for.
    private(set) var instruction: PostInstruction?
    private var headerBytes = 0
    private var bodyBytes = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes one header line; `status` is the status so far and is asked for at the end of a header only.
    ///
    /// An answer with a status of 1xx is followed by another; trailers come after the final one and change nothing.
    /// Returns whether to go on.
    mutating func header(_ line: UnsafeRawBufferPointer, status statusSoFar: () -> Int) -> Bool {
        headerBytes += line.count
        guard headerBytes <= ResponseLimits.header else {
            isHeaderTooLong = true
            return false
        }
        guard status == nil else { return true }
        // By its first byte, since most lines are of no interest.
        switch line.first {
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            let value = statusSoFar()
            if value >= 200 { status = value }
        case UInt8(ascii: "H") where line.starts(with: "HTTP/".utf8): instruction = nil
        case UInt8(ascii: "W"), UInt8(ascii: "w"):
            if let found = PostInstruction(headerLine: line) { instruction = found }
        default: break
        }
        return true
    }

    /// Takes a piece of the body. Returns whether to go on.
    mutating func body(_ piece: UnsafeRawBufferPointer) -> Bool {
        if head.count < limit {
            head.append(contentsOf: piece.prefix(limit - head.count))
        }
        bodyBytes += piece.count
        isCut = bodyBytes > ResponseLimits.body
        return !isCut
    }
}
