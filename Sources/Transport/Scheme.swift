/// The schemes that a webhook may have.
enum Scheme {
    case http
    case https

    /// Reads the scheme; `nil` if there is no other than `http` or `https` or the URL could not be passed on whole.
    ///
    /// Asked before libcurl sees the URL because it guesses a scheme where there is none, and because a C string ends
    /// at its first zero byte.
    init?(url: String) {
        let start = url.utf8.prefix(8).map { $0 | 0x20 }
        if start.starts(with: "http://".utf8) {
            self = .http
        } else if start.starts(with: "https://".utf8) {
            self = .https
        } else {
            return nil
        }
        guard !url.utf8.contains(0) else { return nil }
    }
}
