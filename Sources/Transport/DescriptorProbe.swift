internal import CCurl
internal import Glibc

/// Whether a transfer failed for want of descriptors: libcurl reports that as it does a receiver that can't be reached.
enum DescriptorProbe {
    /// Looks only where it may be the reason: before there was a connection, and where no `connect(2)` has failed.
    static func explains(_ transfer: FailedTransfer) -> Bool {
        guard !transfer.isConnected, transfer.systemError == 0 || transfer.systemError == EMFILE else { return false }
        switch transfer.code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_OUT_OF_MEMORY,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_FAILED_INIT:
            return !isOneLeft
        default: return false
        }
    }

    /// Another thread may have given one back since; then the failure counts as what it looks like.
    private static var isOneLeft: Bool {
        let probe = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if probe >= 0 {
            close(probe)
            return true
        }
        return errno != EMFILE && errno != ENFILE
    }
}
