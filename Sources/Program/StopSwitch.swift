/// Asks one run of a program to end before its time.
public final class StopSwitch: Sendable {
    enum Order: Sendable {
        case timeLimit, tooMuchOutput, stop
    }

    let orders: AsyncStream<Order>
    private let giver: AsyncStream<Order>.Continuation

    public init() {
        (orders, giver) = AsyncStream.makeStream()
    }

    /// The program gets SIGTERM, and SIGKILL if it takes its time.
    public func stop() { give(.stop) }

    func give(_ order: Order) { giver.yield(order) }
}
