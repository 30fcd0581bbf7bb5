internal import CCurl

/// An easy handle and all that libcurl points at while it is in use; used again for the next request.
///
/// Options that are the same for every request are set once; only a change of `TransferSettings` starts from a clean
/// handle, since there is no way to ask for the system's authorities again. Confined to the thread of its `Transport`.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    private(set) var id: UInt64 = 0
    private(set) var response = ResponseReader(limit: 0)
    private var headers = HeaderBlock()
    /// Keeps the body where libcurl reads it: an array's storage never moves while somebody holds the array, and a
    /// change by another holder goes to a copy.
    private var body: [UInt8] = []
    private var settings = TransferSettings()
    private var target = Target()
    /// The limits that the handle has; `nil` while it does not know the target either.
    private var limits: Limits?
    /// Which addresses this request may call, and which it did.
    var dial = Dial()
    /// Where the transport's list of running transfers has this one.
    var slot = 0

    private struct Limits: Equatable {
        let timeout: Duration
        let connectTimeout: Duration
    }

    /// `nil` when libcurl is out of memory or lacks an option.
    init?() {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        guard setFixedOptions() else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
    }

    /// The transfer that an easy handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        guard billhook_curl_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else { return nil }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Makes the handle ready for this request; `nil` means it is, else why it can't be sent.
    func prepare(_ request: PostRequest, id: UInt64) -> PostFailure? {
        self.id = id
        response = ResponseReader(limit: request.responseLimit)
        if request.url != target.url {
            if let failure = target.take(request.url) { return failure }
            limits = nil
        }
        guard headers.fill(request.headers, bodySize: request.body.count) else { return .badURL }
        let wanted = Limits(timeout: request.timeout, connectTimeout: request.connectTimeout)
        guard settings.fit(request) || apply(TransferSettings(request)), wanted == limits || aim(wanted) else {
            return .other
        }
        if isSecure, let objection = settings.objection { return objection }
        dial = Dial(settings.proxy == nil ? request.addresses : nil)
        body = request.body
        let isReady =
            set(CURLOPT_FRESH_CONNECT, 0)
            && billhook_curl_set_list(easy, CURLOPT_HTTPHEADER, headers.list) == CURLE_OK
            && billhook_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)) == CURLE_OK
            && setBody()
        return isReady ? nil : .other
    }

    /// Makes the handle one for these settings.
    private func apply(_ wanted: TransferSettings) -> Bool {
        curl_easy_reset(easy)
        limits = nil
        settings = wanted
        return setFixedOptions() && wanted.options.allSatisfy { set($0.option, $0.value) }
    }

    private var isSecure: Bool { target.scheme == .https }

    /// Tells the handle where to and for how long, which it keeps for the next request.
    ///
    /// Over TLS, it waits for the first handshake to tell whether one connection can take all requests (HTTP/2). Without TLS
    /// only the first answer would tell, and a receiver that withholds it would hold up all others.
    private func aim(_ wanted: Limits) -> Bool {
        limits = wanted
        return billhook_curl_set_pointer(easy, CURLOPT_CURLU, target.handle) == CURLE_OK
            && set(CURLOPT_PIPEWAIT, isSecure ? 1 : 0)
            && set(CURLOPT_TIMEOUT_MS, wanted.timeout.curlMilliseconds)
            && set(CURLOPT_CONNECTTIMEOUT_MS, wanted.connectTimeout.curlMilliseconds)
    }

    /// Lets go of the request; the handle must be out of the multi handle by now.
    func finish() {
        body = []
    }

    /// The result, once libcurl has given its verdict.
    func result(_ code: CURLcode) -> PostResult {
        if let status = response.status, code == CURLE_OK || response.isCut {
            // Without a tunnel the proxy's demand for credentials looks like the receiver's answer.
            if status == 407, settings.proxy != nil, !isSecure { return .failure(.proxyFailed) }
            if let instruction = response.instruction {
                return .instructed(instruction, status: status, head: response.head)
            }
            return .answer(status: status, retryAfter: retryAfter, head: response.head)
        }
        if code == CURLE_OK { return .failure(.badResponse) }
        var failed = FailedTransfer(code: code)
        failed.systemError = CInt(truncatingIfNeeded: number(CURLINFO_OS_ERRNO))
        failed.isConnected = offset(CURLINFO_PRETRANSFER_TIME_T) > 0
        failed.isHeaderTooLong = response.isHeaderTooLong
        failed.isAddressRefused = dial.isRefused
        failed.isProxied = settings.proxy != nil
        failed.connectStatus = number(CURLINFO_HTTP_CONNECTCODE)
        if DescriptorProbe.explains(failed) { return .failure(.noDescriptor) }
        return .failure(PostFailure(failed))
    }

    /// How long it took, from libcurl's own clock.
    var duration: Duration { .microseconds(offset(CURLINFO_TOTAL_TIME_T)) }

    /// libcurl reads seconds and dates alike and answers 0 for no header; before 8.12 a date in the past is negative.
    private var retryAfter: Duration? {
        let seconds = offset(CURLINFO_RETRY_AFTER)
        guard seconds > 0 else { return nil }
        return min(.seconds(seconds), ResponseLimits.retryAfter)
    }

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        return billhook_curl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    func offset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return billhook_curl_get_offset(easy, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    func set(_ option: CURLoption, _ value: Int) -> Bool {
        billhook_curl_set_long(easy, option, value) == CURLE_OK
    }

    private func set(_ option: CURLoption, _ value: String) -> Bool {
        billhook_curl_set_string(easy, option, value) == CURLE_OK
    }

    private func setBody() -> Bool {
        body.withUnsafeBytes {
            billhook_curl_set_pointer(easy, CURLOPT_POSTFIELDS, $0.baseAddress) == CURLE_OK
        }
    }

    fileprivate func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        response.header(line) { number(CURLINFO_RESPONSE_CODE) }
    }

    fileprivate func receivedBody(_ piece: UnsafeRawBufferPointer) -> Bool {
        response.body(piece)
    }
}

extension Transfer {
    /// What every request has in common. Redirects, cookies, netrc and compression are off unless asked for.
    private func setFixedOptions() -> Bool {
        let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        return setLimits() && setSecurity() && setDial(context)
            // Empty texts, since without them libcurl asks the environment.
            && set(CURLOPT_PROXY, "")
            && set(CURLOPT_NOPROXY, "")
            && set(CURLOPT_POST, 1)
            && set(CURLOPT_FOLLOWLOCATION, 0)
            && set(CURLOPT_TCP_NODELAY, 1)
            && set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
            && billhook_curl_set_pointer(easy, CURLOPT_PRIVATE, context) == CURLE_OK
            && billhook_curl_set_pointer(easy, CURLOPT_HEADERDATA, context) == CURLE_OK
            && billhook_curl_set_pointer(easy, CURLOPT_WRITEDATA, context) == CURLE_OK
            && billhook_curl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, headerCallback) == CURLE_OK
            && billhook_curl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, bodyCallback) == CURLE_OK
    }

    /// Small buffers, since bodies are a few kilobytes and answers shorter still; and nothing that could wait.
    private func setLimits() -> Bool {
        set(CURLOPT_BUFFERSIZE, 4096)
            && set(CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024)
            && set(CURLOPT_NOSIGNAL, 1)
            // Without it, giving up on a name lookup waits for the resolver's thread, and every transfer with it.
            && set(CURLOPT_QUICK_EXIT, 1)
            // A proxy's answer to CONNECT must not pass for the receiver's.
            && set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    private func setSecurity() -> Bool {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
            && set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
            && set(CURLOPT_SSL_VERIFYPEER, 1)
            && set(CURLOPT_SSL_VERIFYHOST, 2)
            // Not for a day, as by default: a CA file that was replaced counts within a minute.
            && set(CURLOPT_CA_CACHE_TIMEOUT, 60)
    }
}

private let headerCallback: billhook_curl_data_callback = { data, size, count, context in
    guard let data, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: data, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().receivedHeader(line) ? line.count : 0
}

private let bodyCallback: billhook_curl_data_callback = { data, size, count, context in
    guard let data, let context else { return 0 }
    let piece = UnsafeRawBufferPointer(start: data, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().receivedBody(piece) ? piece.count : 0
}
