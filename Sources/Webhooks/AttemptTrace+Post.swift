public import Deliver
internal import Times
public import Transport

extension AttemptTrace {
    /// The way as an attempt's line tells it: in whole milliseconds.
    public init(_ trace: PostTrace) {
        func milliseconds(_ span: Duration?) -> Int? { span.map { Int($0.wholeMilliseconds) } }
        self.init()
        address = trace.address
        isReused = trace.isReused
        httpVersion = trace.httpVersion
        dnsMS = milliseconds(trace.nameLookup)
        connectMS = milliseconds(trace.connect)
        tlsMS = milliseconds(trace.handshake)
        firstByteMS = milliseconds(trace.firstByte)
    }
}
