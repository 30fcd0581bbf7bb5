internal import Deliver
internal import Files
public import Spool
internal import Times
internal import Transport
internal import Webhooks

/// Calls a subscriber once with a test event, at this moment: by the same way, with the same signatures and headers as a
/// delivery, whether its subscription is paused, disabled or neither.
///
/// It needs no daemon, asks nobody for room or rate, and leaves nothing in the spool.
public struct Pinger: Sendable {
    private let spool: Spool
    private let version: String

    /// - Parameter version: Billhook's, for `User-Agent`.
    public init(_ spool: Spool, version: String) {
        self.spool = spool
        self.version = version
    }

    /// Calls, and waits for the answer or the subscription's time limit.
    ///
    /// The process must ignore SIGPIPE, which a receiver that hangs up may raise.
    ///
    /// - Throws: `OperateError`; kind `noInput` if there is no such subscription, `configuration` if its file is wrong or
    ///   none of its keys is in force, `tryAgain` if memory or descriptors are short.
    public func ping(_ name: String) throws(OperateError) -> PingReport {
        let now = Timestamp.now
        let subscription = try subscription(name, at: now)
        // Told apart by chance: nobody tries it again.
        let mark = UInt64.random(in: .min ... .max)
        let deliveryID = DeliveryID.derive(eventID: "\(EventBody.ping) \(now.nanoseconds) \(mark)", subscription: name)
        let completion = try post(
            PostRequest(
                EventBody.ping(name, at: now), of: EventBody.ping, deliveryID: deliveryID, attempt: 1,
                to: subscription, in: spool, now: now, version: version))
        return PingReport(
            AttemptRecord(
                deliveryID: deliveryID, subscription: subscription, event: EventBody.ping, attempt: 1, startedAt: now,
                duration: completion.duration, result: AttemptResult(completion.result), nextAttemptAt: nil,
                trace: AttemptTrace(completion.trace)))
    }

    private func subscription(_ name: String, at now: Timestamp) throws(OperateError) -> Subscription {
        switch try SubscriptionFolder.read(spool).subscriptions[name] {
        case .success(let subscription):
            if let lapse = subscription.signing.lapse(of: name, at: now) {
                throw OperateError(.configuration, "\(lapse)")
            }
            return subscription
        case .failure(let error): throw OperateError(.configuration, "\(error)")
        case nil:
            throw OperateError(
                .noInput,
                "There is no subscription '\(name)' in \(spool.path). Look with '\(spool.commands.billhook("status"))'."
            )
        }
    }

    private func post(_ request: PostRequest) throws(OperateError) -> PostCompletion {
        do throws(TransportError) {
            let transport = try Transport(idleConnections: 1)
            var completions: [PostCompletion] = []
            transport.start(request, id: 1)
            while true {
                transport.poll(timeout: nil, into: &completions)
                if let completion = completions.first { return completion }
            }
        } catch {
            throw OperateError(.tryAgain, "\(error)")
        }
    }
}
