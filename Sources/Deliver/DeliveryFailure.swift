/// Why an attempt brought no answer: the bounded list that attempt lines, status and metrics use.
///
/// The raw values are what stands in `error` of an attempt line; they never change meaning.
public enum DeliveryFailure: String, Sendable, Hashable, CaseIterable {
    /// The host's name could not be resolved.
    case dnsFailed = "dns_failed"
    /// Nobody listens at the port.
    case connectRefused = "connect_refused"
    /// No connection within the time limit.
    case connectTimeout = "connect_timeout"
    /// No connection for another reason, such as no route.
    case connectFailed = "connect_failed"
    /// Connected, but the whole answer was not there within the time limit.
    case timeout
    /// The host's name leads only to addresses that the subscription may not call: private ones and the like.
    case addressRefused = "address_refused"
    /// The subscription's proxy can't be reached, or does not make the connection.
    case proxyFailed = "proxy_failed"
    /// The subscription's client certificate or its key can't be used.
    case clientCertFailed = "client_cert_failed"
    /// The subscription's CA file can't be used.
    case caFileFailed = "ca_file_failed"
    /// No trusted encrypted connection: handshake or certificate.
    case tlsFailed = "tls_failed"
    /// The connection ended before the answer did.
    case connectionReset = "connection_reset"
    /// What came back is not HTTP.
    case badResponse = "bad_response"
    /// The URL can't be called at all.
    case badURL = "bad_url"
    /// A header can't be sent at all.
    case badHeader = "bad_header"
    /// The answer's headers are larger than is accepted.
    case tooLarge = "too_large"
    /// Anything else, and what a later version wrote.
    case other

    /// Whether trying again can't help as long as the subscription is as it is.
    public var isPermanent: Bool {
        switch self {
        case .badURL, .badHeader, .addressRefused: true
        case .dnsFailed, .connectRefused, .connectTimeout, .connectFailed, .timeout, .tlsFailed, .connectionReset,
            .badResponse, .tooLarge, .proxyFailed, .clientCertFailed, .caFileFailed, .other:
            false
        }
    }

    /// Whether it says something about the receiver, and not only about what stands between it and Billhook or about the
    /// subscription's own file: what counts against a receiver that fails for too long.
    public var isChargedToReceiver: Bool {
        switch self {
        case .badURL, .badHeader, .addressRefused, .proxyFailed, .clientCertFailed, .caFileFailed: false
        case .dnsFailed, .connectRefused, .connectTimeout, .connectFailed, .timeout, .tlsFailed, .connectionReset,
            .badResponse, .tooLarge, .other:
            true
        }
    }
}
