internal import Deliver
internal import Engine
internal import Files
internal import Spool
internal import Subscriptions
internal import SystemPackage
internal import Times
internal import Transport

/// Makes the calls that the engine asks for, and tells it what came of them.
final class Poster {
    private let spool: Spool
    private let transport: Transport
    private let version: String
    private var startedAt: [UInt64: Timestamp] = [:]
    private var completions: [PostCompletion] = []

    init(_ spool: Spool, transport: Transport, version: String) {
        self.spool = spool
        self.transport = transport
        self.version = version
    }

    /// Starts a call. Answers at once, with `.gone`, only if its request has left processing/ while it waited.
    func start(_ post: Post, now: Timestamp) -> Event? {
        // A spool that can't be read for a moment is no reason to drop a call: only a request known to be gone is.
        if post.afterWaiting, (try? spool.processing.contains(post.key.fileName)) == false { return .gone(id: post.id) }
        let subscription = post.subscription
        let headers = WebhookHeaders.make(
            subscription: subscription, event: post.event, deliveryID: post.deliveryID, attempt: post.attempt,
            body: post.body, now: now, version: version)
        startedAt[post.id] = now
        transport.start(
            PostRequest(
                url: subscription.url, headers: headers, body: post.body, timeout: subscription.timeout,
                connectTimeout: min(subscription.timeout, .seconds(10)),
                caFile: path(subscription.caFile), addresses: subscription.route.addresses,
                clientCertificate: path(subscription.route.clientCert), clientKey: path(subscription.route.clientKey),
                proxy: subscription.route.proxy),
            id: post.id)
        return nil
    }

    private func path(_ written: String?) -> String? {
        written.map { spool.subscriptionPath($0).string }
    }

    /// Waits for something to happen, at most `timeout`, and returns the calls that ended.
    func wait(_ timeout: Duration?) -> [Event] {
        completions.removeAll(keepingCapacity: true)
        transport.poll(timeout: timeout, into: &completions)
        return completions.map { completion in
            let startedAt = startedAt.removeValue(forKey: completion.id) ?? .now
            if completion.result == .failure(.noDescriptor) { return .unposted(id: completion.id, .tooManyOpenFiles) }
            return .posted(
                id: completion.id, AttemptResult(completion.result), startedAt: startedAt,
                duration: completion.duration, trace: AttemptTrace(completion.trace))
        }
    }
}

extension AttemptTrace {
    fileprivate init(_ trace: PostTrace) {
        func milliseconds(_ span: Duration?) -> Int? { span.map { Int($0.wholeMilliseconds) } }
        self.init()
        address = trace.address
        isReused = trace.isReused
        httpVersion = trace.httpVersion
        dnsMS = milliseconds(trace.nameLookup)
        connectMS = milliseconds(trace.connect)
        tlsMS = milliseconds(trace.handshake)
        firstByteMS = milliseconds(trace.firstByte)
    }
}

extension AttemptResult {
    fileprivate init(_ result: PostResult) {
        switch result {
        case .answer(let status, let retryAfter, let head):
            self = .answer(status: status, retryAfter: retryAfter, head: head)
        case .instructed(let instruction, let status, let head):
            self = .instructed(DeliveryInstruction(instruction), status: status, head: head)
        case .failure(let failure):
            self = .failure(DeliveryFailure(failure))
        }
    }
}

extension DeliveryInstruction {
    fileprivate init(_ instruction: PostInstruction) {
        self =
            switch instruction {
            case .abortMessage: .abortMessage
            case .disable: .disable
            }
    }
}

extension DeliveryFailure {
    fileprivate init(_ failure: PostFailure) {
        self =
            switch failure {
            case .dnsFailed: .dnsFailed
            case .connectRefused: .connectRefused
            case .connectTimeout: .connectTimeout
            case .connectFailed: .connectFailed
            case .timeout: .timeout
            case .addressRefused: .addressRefused
            case .proxyFailed: .proxyFailed
            case .clientCertificateFailed: .clientCertFailed
            case .tlsFailed: .tlsFailed
            case .connectionReset: .connectionReset
            case .badResponse: .badResponse
            case .badURL: .badURL
            case .tooLarge: .tooLarge
            case .other, .noDescriptor: .other
            }
    }
}
