/// One HTTP POST: where it goes, what it carries, and how long it may take.
public struct PostRequest: Sendable {
    /// An absolute `http://` or `https://` URL.
    public var url: String
    /// Header lines, `Name: value`, without line ends; a name with an empty value is sent with an empty value.
    public var headers: [String]
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

    /// Describes a request; nothing is checked before `Transport.start(_:id:)`.
    public init(
        url: String, headers: [String] = [], body: [UInt8], timeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10), caFile: String? = nil, responseLimit: Int = 512
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.caFile = caFile
        self.responseLimit = responseLimit
    }
}
