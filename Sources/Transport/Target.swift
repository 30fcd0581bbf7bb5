internal import CCurl

/// Where a handle's requests go: a URL that libcurl has taken apart.
///
/// Given the text, libcurl takes it apart and puts it together again for each request, which costs 9,500 instructions more
/// than to copy the parts.
struct Target: ~Copyable {
    private(set) var url = ""
    private(set) var scheme = Scheme.http
    /// A `CURLU`, which a transfer only reads.
    private var parts: OpaquePointer?

    deinit {
        curl_url_cleanup(parts)
    }

    /// For CURLOPT_CURLU; good until the next URL is taken.
    var handle: UnsafeRawPointer? { UnsafeRawPointer(parts) }

    /// Takes a URL; returns why it can't be used.
    mutating func take(_ new: String) -> PostFailure? {
        guard let scheme = Scheme(url: new) else { return .badURL }
        guard let fresh = curl_url() else { return .other }
        let code = curl_url_set(fresh, CURLUPART_URL, new, 0)
        guard code == CURLUE_OK else {
            curl_url_cleanup(fresh)
            return code == CURLUE_OUT_OF_MEMORY ? .other : .badURL
        }
        curl_url_cleanup(parts)
        (url, self.scheme, parts) = (new, scheme, fresh)
        return nil
    }
}
