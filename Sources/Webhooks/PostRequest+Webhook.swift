public import Deliver
public import Spool
internal import Subscriptions
internal import SystemPackage
public import Times
public import Transport

extension PostRequest {
    /// The call that brings an event to a subscriber: its headers, signatures, way and limits.
    ///
    /// - Parameters:
    ///   - event: its name, the `X-Event-Type`.
    ///   - attempt: from 1, over all rounds.
    ///   - spool: where the subscription's file stands, from which the paths in it are reckoned.
    ///   - now: the moment of the call, which is signed with it.
    ///   - version: Billhook's, for `User-Agent`.
    public init(
        _ body: [UInt8], of event: String, deliveryID: String, attempt: Int, to subscription: Subscription,
        in spool: borrowing Spool, now: Timestamp, version: String
    ) {
        let route = subscription.route
        self.init(
            url: subscription.url,
            headers: WebhookHeaders.make(
                subscription: subscription, event: event, deliveryID: deliveryID, attempt: attempt, body: body,
                now: now, version: version),
            body: body, timeout: subscription.timeout, connectTimeout: min(subscription.timeout, .seconds(10)),
            caFile: spool.path(of: subscription.caFile), addresses: route.addresses,
            clientCertificate: spool.path(of: route.clientCert),
            clientKey: spool.path(of: route.clientKey), proxy: route.proxy)
    }
}

extension Spool {
    /// Where a file stands that a subscription names.
    fileprivate func path(of written: String?) -> String? {
        written.map { subscriptionPath($0).string }
    }
}
