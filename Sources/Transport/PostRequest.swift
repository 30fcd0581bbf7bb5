public import Addresses

/// One HTTP POST: where it goes, what it carries, and how long it may take.
public struct PostRequest: Sendable {
    /// An absolute `http://` or `https://` URL.
    public var url: String
    /// In the order in which they are sent. They are put together where libcurl reads them: as a text each would be made, and
    /// released, for that alone.
    public var headers: [(name: String, value: String)]
    /// The body, sent as it is with its length; it is not copied, so one array may serve many requests.
    public var body: [UInt8]
    /// The longest the whole exchange may take, from start to the last byte of the answer; at least 1 ms is granted.
    public var timeout: Duration
    /// The longest that name lookup, connection and TLS handshake together may take; at least 1 ms is granted.
    public var connectTimeout: Duration
    /// A PEM file of certificate authorities to trust instead of the system's; `nil` means the system's.
    public var caFile: String?
    /// How many bytes of the answer's body are kept.
    public var responseLimit: Int
    /// Which addresses may be called, asked for each address that is dialled and each connection that is used again.
    ///
    /// It does not judge what lies behind a proxy: there the name is the proxy's to resolve, and the proxy's own address
    /// is its operator's choice.
    public var addresses: AddressGuard
    /// A PEM file with a client certificate, and its chain; shown to the server in each handshake, and a handshake does
    /// not begin without it.
    public var clientCertificate: String?
    /// A PEM file with the certificate's unencrypted key; `nil` means that it stands in the certificate's file.
    public var clientKey: String?
    /// A forward proxy, `http://HOST:PORT`: asked to CONNECT for `https`, to forward for `http`. `nil` means none, whatever
    /// the environment says.
    public var proxy: String?

    /// Describes a request; nothing is checked before `Transport.start(_:id:)`.
    public init(
        url: String, headers: [(name: String, value: String)] = [], body: [UInt8], timeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10), caFile: String? = nil, responseLimit: Int = 512,
        addresses: AddressGuard = AddressGuard(), clientCertificate: String? = nil, clientKey: String? = nil,
        proxy: String? = nil
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.caFile = caFile
        self.responseLimit = responseLimit
        self.addresses = addresses
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.proxy = proxy
    }
}
