/// What a `Receiver` does with a call.
public enum Answer: Sendable {
    /// A complete answer; the connection is kept. `Content-Length` is added.
    case status(Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// These bytes as they are, then the connection is closed in an orderly way.
    case raw([UInt8])
    /// Nothing, until `Receiver.release()` (then 200) or `Receiver.stop()`.
    case stall
    /// The connection is reset (RST).
    case reset
    /// Half a header line, then the connection is closed.
    case halfHeader
    /// The connection is closed without an answer.
    case close
    /// A header that promises `length` bytes, `piece` of them, and then as `stall`.
    case drip(Int = 200, length: Int = 1000, piece: [UInt8] = [0x2e])
    /// A body that never ends, as fast as it is taken.
    case endless(Int = 200)
}
