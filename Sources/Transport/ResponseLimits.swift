/// How much of an answer is read at all, so that no receiver can keep the daemon busy for nothing.
enum ResponseLimits {
    /// Bytes of body; the status is known by then, so an answer that goes on is cut off and counts.
    static let body = 64 * 1024
    /// Bytes of header, over all interim answers; a longer one is refused.
    static let header = 64 * 1024
    /// The longest Retry-After that is believed.
    static let retryAfter = Duration.seconds(365 * 86_400)
}
