internal import CCurl

/// Sends many POSTs at once over kept-alive connections: libcurl's multi interface behind four verbs.
///
/// It belongs to the thread that made it and is not `Sendable`; only its `waker` may be used from elsewhere. Nothing
/// in it waits but `poll(timeout:or:into:)`. Certificates are verified, TLS is 1.2 or later, HTTP/2 is used where a server
/// offers it over TLS, with many requests on one connection, and redirects are not followed. A proxy is asked only where
/// a request names one: what the environment says (libcurl-env(3)) is ignored. Names are resolved on threads of
/// libcurl's own, so that a DNS server that never answers costs only those who wait for it.
///
/// - Important: A TLS connection that the receiver has closed may raise SIGPIPE, which libcurl can't avoid on every
///   path (CURLOPT_NOSIGNAL(3)): the program must ignore that signal.
/// - Important: libcurl 7.88 lets child processes inherit the few sockets that it wakes itself with: whoever starts one
///   closes them there. Connections are not inherited.
public final class Transport {
    /// Makes a poll return from any thread.
    public let waker: Waker

    private let multi: UnsafeMutableRawPointer
    private var running: [Transfer] = []
    private var spare: [Transfer] = []
    private var refused: [PostCompletion] = []
    private let idleLimit: Int

    /// Sets libcurl up, once per process, and opens this transport.
    ///
    /// - Parameter idleConnections: how many connections are kept open between requests, over all receivers; the
    ///   number in use is not limited here.
    /// - Throws: `TransportError` when libcurl is out of memory or descriptors.
    public init(idleConnections: Int) throws(TransportError) {
        guard Self.globalSetup == CURLE_OK else { throw TransportError(step: "curl_global_init") }
        guard let multi = curl_multi_init() else { throw TransportError(step: "curl_multi_init") }
        self.multi = multi
        waker = Waker(multi: multi)
        idleLimit = min(max(1, idleConnections), 1 << 20)
    }

    deinit {
        waker.detach()
        for transfer in running { curl_multi_remove_handle(multi, transfer.easy) }
        curl_multi_cleanup(multi)
    }

    /// How many requests have been started and not yet been reported by a poll.
    public var inFlight: Int { running.count + refused.count }

    /// Starts a request; never waits.
    ///
    /// One that can't be set up completes with a failure at the next poll. Ids are the caller's and are only handed
    /// back.
    public func start(_ request: PostRequest, id: UInt64) {
        guard let transfer = spare.popLast() ?? Transfer() else { return refuse(id, .other) }
        // A handle that refused an option is in no known state: it isn't used again.
        if let failure = transfer.prepare(request, id: id) { return refuse(id, failure) }
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else { return refuse(id, .other) }
        transfer.slot = running.count
        running.append(transfer)
        limitConnections()
    }

    /// Drives all transfers and appends what completed.
    ///
    /// Returns at once if something has completed already, else when something does, when `descriptor` can be read, after
    /// `wake()`, or when `timeout` is over, whichever is first.
    ///
    /// - Parameters:
    ///   - timeout: the longest wait; zero looks without waiting, `nil` waits as long as it takes.
    ///   - descriptor: another source of news of the same thread's. It is looked at only where there is a wait: whoever
    ///     gives one reads it after each poll, whatever the reason for which that returned.
    public func poll(timeout: Duration?, or descriptor: CInt? = nil, into completions: inout [PostCompletion]) {
        let before = completions.count
        let deadline = timeout.flatMap { $0 > .zero ? SuspendingClock.now + $0 : nil }
        completions.append(contentsOf: refused)
        refused.removeAll(keepingCapacity: true)
        drive(into: &completions)
        while !waker.take(), completions.count == before {
            var wait = Duration.seconds(3600)
            if timeout != nil {
                guard let deadline else { return }
                wait = SuspendingClock.now.duration(to: deadline)
                guard wait > .zero else { return }
            }
            let isReadable = self.wait(wait, or: descriptor)
            drive(into: &completions)
            if isReadable { return }
        }
    }

    /// Whether `descriptor` was what ended the wait.
    private func wait(_ limit: Duration, or descriptor: CInt?) -> Bool {
        var other = curl_waitfd(fd: descriptor ?? -1, events: CShort(CURL_WAIT_POLLIN), revents: 0)
        _ = curl_multi_poll(multi, &other, descriptor == nil ? 0 : 1, limit.pollMilliseconds, nil)
        return other.revents != 0
    }

    /// Drops every request; nothing is reported for them, and receivers see their connections closed.
    public func cancelAll() {
        for transfer in running {
            curl_multi_remove_handle(multi, transfer.easy)
            recycle(transfer)
        }
        running.removeAll(keepingCapacity: true)
        refused.removeAll(keepingCapacity: true)
    }

    /// curl_global_init(3) is to be called once, before anything else; a constant is made once and on first use.
    private static let globalSetup: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))

    private func drive(into completions: inout [PostCompletion]) {
        guard !running.isEmpty else { return }
        var count: CInt = 0
        _ = curl_multi_perform(multi, &count)
        while let message = curl_multi_info_read(multi, &count) {
            // The message is gone once its handle is removed.
            let (kind, easy, code) = (message.pointee.msg, message.pointee.easy_handle, message.pointee.data.result)
            guard kind == CURLMSG_DONE, let easy, let transfer = Transfer.of(easy) else { continue }
            if code == CURLE_ABORTED_BY_CALLBACK, dialsAfresh(transfer) { continue }
            let completion = PostCompletion(
                id: transfer.id, result: transfer.result(code), duration: transfer.duration, trace: transfer.trace)
            completions.append(completion)
            remove(transfer)
        }
        limitConnections()
    }

    /// Starts over, on a connection of its own, a transfer that was given one which only others may use: whether it did.
    ///
    /// Connections are kept by host and port, and which addresses may be called is each request's own matter.
    private func dialsAfresh(_ transfer: Transfer) -> Bool {
        guard transfer.mayDialAfresh else { return false }
        curl_multi_remove_handle(multi, transfer.easy)
        return transfer.dialAfresh() && curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
    }

    /// libcurl counts the connections in use as well: without them in the limit, a few stalled receivers would cost
    /// the others their kept-alive connections.
    private func limitConnections() {
        _ = billhook_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, idleLimit + running.count)
    }

    private func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        let last = running.removeLast()
        if last !== transfer {
            running[transfer.slot] = last
            last.slot = transfer.slot
        }
        recycle(transfer)
    }

    private func recycle(_ transfer: Transfer) {
        transfer.finish()
        if spare.count < idleLimit { spare.append(transfer) }
    }

    private func refuse(_ id: UInt64, _ failure: PostFailure) {
        refused.append(PostCompletion(id: id, result: .failure(failure), duration: .zero))
    }
}
