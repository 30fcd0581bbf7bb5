import Addresses
import TestSupport
import Transport

/// Runs a transport to the end of what it was given.
enum Harness {
    /// Sends one request and returns what came of it.
    static func post(_ request: PostRequest) throws -> PostCompletion {
        let transport = try Transport(idleConnections: 4)
        return try post(request, over: transport)
    }

    static func post(_ request: PostRequest, over transport: Transport) throws -> PostCompletion {
        transport.start(request, id: 7)
        let completions = finish(transport)
        guard let first = completions.first, completions.count == 1, first.id == 7 else {
            throw ReceiverError(description: "Expected one completion with id 7, got \(completions).")
        }
        return first
    }

    /// Polls until nothing is in flight.
    static func finish(_ transport: Transport) -> [PostCompletion] {
        var completions: [PostCompletion] = []
        while transport.inFlight > 0 { transport.poll(timeout: nil, into: &completions) }
        return completions
    }

    /// Polls until the receiver has got `count` calls, without a busy loop.
    static func drive(_ transport: Transport, until receiver: Receiver, has count: Int) {
        var completions: [PostCompletion] = []
        while receiver.calls.count < count { transport.poll(timeout: .milliseconds(5), into: &completions) }
    }
}

extension PostRequest {
    static func make(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}",
        timeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10), caFile: String? = nil, responseLimit: Int = 512,
        addresses: AddressGuard = .loopback, clientCertificate: String? = nil, clientKey: String? = nil,
        proxy: String? = nil
    ) -> PostRequest {
        PostRequest(
            url: url, headers: headers, body: Array(body.utf8), timeout: timeout, connectTimeout: connectTimeout,
            caFile: caFile, responseLimit: responseLimit, addresses: addresses, clientCertificate: clientCertificate,
            clientKey: clientKey, proxy: proxy)
    }
}

extension AddressGuard {
    /// Lets through what tests call, as for an operator who wrote such an address.
    static let loopback = AddressGuard(allowing: ["127.0.0.0/8", "::1"].compactMap { try? AddressBlock($0) })
}

extension PostResult {
    /// The status of an answer, `nil` for a failure.
    var status: Int? {
        if case .answer(let status, _, _) = self { status } else { nil }
    }

    var head: String? {
        if case .answer(_, _, let head) = self { String(decoding: head, as: UTF8.self) } else { nil }
    }

    var retryAfter: Duration? {
        if case .answer(_, let retryAfter, _) = self { retryAfter } else { nil }
    }
}
