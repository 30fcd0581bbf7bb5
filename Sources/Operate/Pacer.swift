public import Deliver
internal import Files
internal import Synchronization
public import Times

/// Lets one thing after the other go, no faster than a rate.
public final class Pacer: Sendable {
    private let throttle: Mutex<Throttle>
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) -> Void
    /// How many go in a second, at least 1.
    let perSecond: Int

    /// - Parameter sleep: waits for a span.
    public init(_ rate: Rate, now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) -> Void) {
        throttle = Mutex(Throttle(rate))
        perSecond = max(1, Int(Duration.seconds(1) * rate.count / rate.span))
        self.now = now
        self.sleep = sleep
    }

    /// Waits until the next may go.
    func await() {
        throttle.withLock { throttle in
            let start = now()
            let next = throttle.next(at: start)
            // The span itself is what the rate asks for; no event ends it sooner.
            if next > start { sleep(next - start) }
            throttle.begin(at: max(start, next))
        }
    }
}
