internal import CCurl
internal import Glibc

/// What many requests have in common, those of one subscriber at least; the rest is set for each.
struct TransferSettings {
    var caFile: String?
    var clientCertificate: String?
    var clientKey: String?
    var proxy: String?

    init() {}

    init(_ request: PostRequest) {
        caFile = request.caFile
        clientCertificate = request.clientCertificate
        clientKey = request.clientKey
        proxy = request.proxy
    }

    /// Why a file that they name can't be used. libcurl opens them on the one thread that drives all transfers: with a FIFO it
    /// would wait there for whoever writes it.
    var objection: PostFailure? {
        if let caFile, !TransferSettings.isReadableFile(caFile) { return .authoritiesFailed }
        let pair = [clientCertificate, clientKey]
        return pair.allSatisfy { $0.map(TransferSettings.isReadableFile) ?? true } ? nil : .clientCertificateFailed
    }

    private static func isReadableFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, R_OK) == 0
    }

    /// Whether they are this request's.
    func fit(_ request: PostRequest) -> Bool {
        caFile == request.caFile && clientCertificate == request.clientCertificate && clientKey == request.clientKey
            && proxy == request.proxy
    }

    /// The options, all of them texts, that a clean handle needs.
    var options: [(option: CURLoption, value: String)] {
        var options: [(CURLoption, String)] = []
        if let caFile { options.append((CURLOPT_CAINFO, caFile)) }
        if let clientCertificate {
            options.append((CURLOPT_SSLCERT, clientCertificate))
            // For an encrypted key OpenSSL would ask the terminal, and wait.
            options.append((CURLOPT_KEYPASSWD, ""))
        }
        if let clientKey { options.append((CURLOPT_SSLKEY, clientKey)) }
        if let proxy { options.append((CURLOPT_PROXY, proxy)) }
        return options
    }
}
