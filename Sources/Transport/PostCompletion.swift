/// A request that has ended, as `Transport.poll(timeout:or:into:)` reports it.
public struct PostCompletion: Sendable {
    /// The id given to `Transport.start(_:id:)`.
    public let id: UInt64
    /// The answer, or why there is none.
    public let result: PostResult
    /// From the first look at the request to its end, in whole microseconds; zero if it never got that far.
    public let duration: Duration
    /// What is known of the way it took.
    public let trace: PostTrace

    /// Makes a completion, as a stand-in for a transport does in tests.
    public init(id: UInt64, result: PostResult, duration: Duration, trace: PostTrace = PostTrace()) {
        self.id = id
        self.result = result
        self.duration = duration
        self.trace = trace
    }
}
