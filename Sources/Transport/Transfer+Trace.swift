internal import CCurl

extension Transfer {
    /// What libcurl measured, once it has given its verdict.
    ///
    /// libcurl counts each time from the start (curl_easy_getinfo(3), TIMES); here each is its own phase's.
    var trace: PostTrace {
        var trace = PostTrace()
        trace.address = dial.isRefused ? dial.refused : dial.called
        let (lookup, connect) = (offset(CURLINFO_NAMELOOKUP_TIME_T), offset(CURLINFO_CONNECT_TIME_T))
        let (handshake, ready) = (offset(CURLINFO_APPCONNECT_TIME_T), offset(CURLINFO_PRETRANSFER_TIME_T))
        if ready > 0, !dial.isRefused { trace.isReused = number(CURLINFO_NUM_CONNECTS) == 0 }
        if trace.isReused != true {
            if lookup > 0 { trace.nameLookup = .microseconds(lookup) }
            if connect > 0 { trace.connect = .microseconds(max(0, connect - lookup)) }
            if handshake > 0 { trace.handshake = .microseconds(max(0, handshake - connect)) }
        }
        let first = offset(CURLINFO_STARTTRANSFER_TIME_T)
        if ready > 0, first > 0 { trace.firstByte = .microseconds(max(0, first - ready)) }
        trace.httpVersion = Self.versions[number(CURLINFO_HTTP_VERSION)]
        return trace
    }

    private static let versions = [
        Int(CURL_HTTP_VERSION_1_0): "1.0", Int(CURL_HTTP_VERSION_1_1): "1.1", Int(CURL_HTTP_VERSION_2_0): "2",
        Int(CURL_HTTP_VERSION_3): "3",
    ]
}
