internal import CCurl
internal import Glibc

/// What libcurl knows about a transfer that failed, as far as the reason depends on it.
struct FailedTransfer {
    /// libcurl's verdict (libcurl-errors(3)).
    var code: CURLcode
    /// `errno` of the last failed connect, or 0.
    var systemError: CInt = 0
    /// Whether the connection, with its handshake, was ready for the request.
    var isConnected = false
    /// Whether the answer was refused because its header would not end.
    var isHeaderTooLong = false
    /// Whether the guard refused an address and let no other be called.
    var isAddressRefused = false
    /// Whether a proxy was to be asked.
    var isProxied = false
    /// What the proxy answered to CONNECT, or 0.
    var connectStatus = 0

    /// Whether it ended before the proxy had made a connection. Nothing is known of the host then.
    var isProxysFault: Bool { isProxied && !isConnected && !(200...299).contains(connectStatus) }
}

extension PostFailure {
    /// Maps libcurl's codes to ours.
    ///
    /// | libcurl | here |
    /// | --- | --- |
    /// | COULDNT_CONNECT, ABORTED_BY_CALLBACK after a refusal | `addressRefused` |
    /// | PROXY, COULDNT_RESOLVE_PROXY, and until the proxy has connected: COULDNT_CONNECT, OPERATION_TIMEDOUT, \
    /// RECV_ERROR, SEND_ERROR, GOT_NOTHING, WEIRD_SERVER_REPLY, UNSUPPORTED_PROTOCOL | `proxyFailed` |
    /// | COULDNT_RESOLVE_HOST | `dnsFailed` |
    /// | COULDNT_CONNECT | `connectRefused` for ECONNREFUSED, `connectTimeout` for ETIMEDOUT, else `connectFailed` |
    /// | INTERFACE_FAILED | `connectFailed` |
    /// | OPERATION_TIMEDOUT | `connectTimeout` while there is no usable connection, else `timeout` |
    /// | SSL_CERTPROBLEM | `clientCertificateFailed` |
    /// | SSL_CACERT_BADFILE | `authoritiesFailed` |
    /// | every other SSL code | `tlsFailed` |
    /// | GOT_NOTHING, SEND_ERROR, RECV_ERROR, HTTP2_STREAM, SEND_FAIL_REWIND | `connectionReset` |
    /// | PARTIAL_FILE, WEIRD_SERVER_REPLY, HTTP2, BAD_CONTENT_ENCODING, HTTP3 | `badResponse` |
    /// | UNSUPPORTED_PROTOCOL | `badResponse` if connected (an answer that isn't HTTP/1 or 2), else `badURL` |
    /// | URL_MALFORMAT | `badURL` |
    /// | WRITE_ERROR over a long header, TOO_LARGE (from 8.6), OUT_OF_MEMORY once connected | `tooLarge` |
    /// | anything else | `other` |
    init(_ transfer: FailedTransfer) {
        switch transfer.code {
        case CURLE_COULDNT_CONNECT where transfer.isAddressRefused,
            CURLE_ABORTED_BY_CALLBACK where transfer.isAddressRefused:
            self = .addressRefused
        case CURLE_PROXY, CURLE_COULDNT_RESOLVE_PROXY,
            CURLE_COULDNT_CONNECT where transfer.isProxysFault,
            CURLE_OPERATION_TIMEDOUT where transfer.isProxysFault,
            CURLE_RECV_ERROR where transfer.isProxysFault,
            CURLE_SEND_ERROR where transfer.isProxysFault,
            CURLE_GOT_NOTHING where transfer.isProxysFault,
            CURLE_WEIRD_SERVER_REPLY where transfer.isProxysFault,
            CURLE_UNSUPPORTED_PROTOCOL where transfer.isProxysFault:
            self = .proxyFailed
        case CURLE_COULDNT_RESOLVE_HOST:
            self = .dnsFailed
        case CURLE_COULDNT_CONNECT:
            self = PostFailure(connectError: transfer.systemError)
        case CURLE_INTERFACE_FAILED:
            self = .connectFailed
        case CURLE_OPERATION_TIMEDOUT:
            self = transfer.isConnected ? .timeout : .connectTimeout
        case CURLE_SSL_CERTPROBLEM:
            self = .clientCertificateFailed
        case CURLE_SSL_CACERT_BADFILE:
            self = .authoritiesFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED, CURLE_SSL_SHUTDOWN_FAILED:
            self = .tlsFailed
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
            self = .connectionReset
        case CURLE_PARTIAL_FILE, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP3:
            self = .badResponse
        case CURLE_UNSUPPORTED_PROTOCOL:
            self = transfer.isConnected ? .badResponse : .badURL
        case CURLE_URL_MALFORMAT:
            self = .badURL
        case CURLE_WRITE_ERROR:
            self = transfer.isHeaderTooLong ? .tooLarge : .other
        case CURLE_OUT_OF_MEMORY:
            // What libcurl before 8.6 says of a single header line of more than 100 KB.
            self = transfer.isConnected ? .tooLarge : .other
        default:
            self = transfer.code.rawValue == Self.codeTooLarge ? .tooLarge : .other
        }
    }

    /// CURLE_TOO_LARGE, which the headers of libcurl 7.88 lack.
    private static let codeTooLarge: UInt32 = 100

    private init(connectError: CInt) {
        switch connectError {
        case ECONNREFUSED: self = .connectRefused
        case ETIMEDOUT: self = .connectTimeout
        default: self = .connectFailed
        }
    }
}
