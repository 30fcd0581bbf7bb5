internal import Deliver
internal import Engine
internal import Files
internal import Spool
internal import SystemPackage
internal import Times
internal import Transport
internal import Webhooks

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
        startedAt[post.id] = now
        transport.start(
            PostRequest(
                post.body, of: post.event, deliveryID: post.deliveryID, attempt: post.attempt, to: post.subscription,
                in: spool, now: now, version: version),
            id: post.id)
        return nil
    }

    /// Waits for something to happen, at most `timeout`, and returns the calls that ended. News for `descriptor` ends the
    /// wait, too, and is left to be read.
    func wait(_ timeout: Duration?, or descriptor: Int32?) -> [Event] {
        completions.removeAll(keepingCapacity: true)
        transport.poll(timeout: timeout, or: descriptor, into: &completions)
        return completions.map { completion in
            let startedAt = startedAt.removeValue(forKey: completion.id) ?? .now
            if completion.result == .failure(.noDescriptor) { return .unposted(id: completion.id, .tooManyOpenFiles) }
            return .posted(
                id: completion.id, AttemptResult(completion.result), startedAt: startedAt,
                duration: completion.duration, trace: AttemptTrace(completion.trace))
        }
    }
}
