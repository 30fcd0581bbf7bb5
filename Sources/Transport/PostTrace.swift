public import Addresses

/// What is known of the way a request took; `nil` for what did not happen, or not far enough to be measured.
///
/// The times of making a connection belong to the request that made it: one that used an older connection has none.
public struct PostTrace: Sendable, Equatable {
    /// How long the name of the host, or of the proxy, took to resolve; next to nothing for an address or a name still known.
    public var nameLookup: Duration?
    /// From then until TCP was connected.
    public var connect: Duration?
    /// From then until TLS was ready, which includes what a proxy took to make the connection.
    public var handshake: Duration?
    /// From when the request could be sent until the first byte of the answer came.
    public var firstByte: Duration?
    /// The address that was called, the proxy's if there is one; after `PostFailure.addressRefused` the one that was not.
    public var address: IPAddress?
    /// Whether the connection had served another request before; `nil` if there was none.
    public var isReused: Bool?
    /// The version of HTTP that was answered with: `1.0`, `1.1`, `2` or `3`.
    public var httpVersion: String?

    /// A trace of nothing.
    public init() {}
}
