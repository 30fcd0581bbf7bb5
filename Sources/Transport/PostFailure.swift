/// Why a POST got no answer: a bounded list, safe to log and to count by.
public enum PostFailure: String, Sendable, CaseIterable {
    /// The name of the host has no address.
    case dnsFailed
    /// Nobody listens at the address and port.
    case connectRefused
    /// Name lookup, connection and handshake together took longer than allowed.
    case connectTimeout
    /// No connection for another reason: no route, no local address, a network that is down.
    case connectFailed
    /// Connected, but no complete answer in time, even if its status had come already.
    case timeout
    /// No address of the host may be called; see `PostRequest.addresses`. The trace has the first that was refused.
    case addressRefused
    /// The proxy can't be reached, wants credentials (407), or refused or failed to make the connection.
    case proxyFailed
    /// The client certificate or its key is missing, unreadable, encrypted or not a pair; nothing was sent.
    case clientCertificateFailed
    /// The CA file is missing, unreadable or holds no certificate; nothing was sent.
    case authoritiesFailed
    /// The TLS handshake failed or the certificate isn't trusted.
    case tlsFailed
    /// The connection was closed or reset, before any answer or while it was being read.
    case connectionReset
    /// What came back isn't a complete HTTP answer.
    case badResponse
    /// The URL or a header line can't be used as written; trying again will not help.
    case badURL
    /// The header of the answer is longer than `ResponseLimits.header`.
    case tooLarge
    /// Nothing was sent, since this process or the system has no descriptor left: no fault of the receiver's.
    case noDescriptor
    /// Anything else, such as libcurl being out of memory.
    case other
}
