internal import Addresses
internal import CCurl
internal import Glibc

/// The two moments at which libcurl asks about an address: before it opens a socket, and before it sends a request over
/// a connection that may be somebody else's.
extension Transfer {
    func setDial(_ context: UnsafeRawPointer) -> Bool {
        billhook_curl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context) == CURLE_OK
            && billhook_curl_set_open_callback(easy, openCallback) == CURLE_OK
            && billhook_curl_set_pointer(easy, CURLOPT_PREREQDATA, context) == CURLE_OK
            && billhook_curl_set_request_callback(easy, requestCallback) == CURLE_OK
    }

    /// Whether it was refused a connection that others had made, and has not tried one of its own.
    var mayDialAfresh: Bool { dial.isRefusedOnReuse && !dial.isSecond }

    /// Makes the handle ready for another start that makes a connection; it must be out of the multi handle.
    func dialAfresh() -> Bool {
        dial = dial.again
        return set(CURLOPT_FRESH_CONNECT, 1)
    }

    /// A socket as libcurl would open it, but closed in child processes.
    fileprivate func open(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = Int(billhook_curl_address(target, &bytes))
        guard dial.mayOpen(IPAddress(bytes: bytes.prefix(count))) else { return CURL_SOCKET_BAD }
        let kind = target.pointee.socktype | CInt(SOCK_CLOEXEC.rawValue)
        return socket(target.pointee.family, kind, target.pointee.protocol)
    }
}

private let openCallback: curl_opensocket_callback = { context, _, target in
    guard let context, let target else { return CURL_SOCKET_BAD }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().open(target)
}

private let requestCallback: curl_prereq_callback = { context, address, _, _, _ in
    guard let context, let address else { return CURL_PREREQFUNC_ABORT }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let isAllowed = transfer.dial.maySend(to: IPAddress(String(cString: address)))
    return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
