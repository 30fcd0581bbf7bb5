public import Times

/// One attempt as its line in `.attempts` keeps it.
///
/// Moments are kept as the line writes them, so that a record and its line read back are equal: `startedAt` rounded down to a
/// millisecond, `nextAttemptAt` up, so that a restart never tries earlier than was decided.
public struct AttemptRecord: Sendable, Equatable {
    /// What became of the attempt.
    public enum Outcome: String, Sendable {
        /// Answered 2xx.
        case delivered
        /// Answered, but not 2xx.
        case failed
        /// Not answered.
        case error
    }

    /// See ``DeliveryID``.
    public let deliveryID: String
    /// The subscription's name.
    public let subscription: String
    /// The event's name, the `X-Event-Type` that was sent.
    public let event: String
    /// From 1, over all rounds: the `X-Attempt` that was sent.
    public let attempt: Int
    /// When it began, in whole milliseconds.
    public let startedAt: Timestamp
    /// How long it took, in milliseconds.
    public let durationMS: Int
    /// Whether it was delivered, refused or not answered.
    public let outcome: Outcome
    /// The answer's status; `nil` if there was none.
    public let httpStatus: Int?
    /// Why there was no answer; `nil` if there was one.
    public let error: DeliveryFailure?
    /// Not before this moment comes the next attempt; `nil` if there is none, because it was delivered or given up.
    public let nextAttemptAt: Timestamp?
    /// The head of the answer's body; see ``ResponseHead``.
    public let response: String?
    /// What the receiver asked for beside its status; `nil` if nothing.
    public var instruction: DeliveryInstruction?
    /// What is known of the way it took.
    public var trace = AttemptTrace()
    /// Whether a person asked for it, by a retry, a replay or a `touch`.
    public var isManual = false

    /// The record of an attempt that came to `result`.
    ///
    /// - Parameter subscription: whose header values and URL's query are kept out of the response, should the receiver
    ///   echo them.
    public init(
        deliveryID: String, subscription: Subscription, event: String, attempt: Int, startedAt: Timestamp,
        duration: Duration, result: AttemptResult, nextAttemptAt: Timestamp?, trace: AttemptTrace = AttemptTrace()
    ) {
        let milliseconds = Int(max(0, duration.wholeMilliseconds))
        switch result {
        case .answer(let status, _, let head), .instructed(_, let status, let head):
            self.init(
                deliveryID: deliveryID, subscription: subscription.name, event: event, attempt: attempt,
                startedAt: startedAt, durationMS: milliseconds,
                outcome: Verdict.of(result) == .delivered ? .delivered : .failed, httpStatus: status, error: nil,
                nextAttemptAt: nextAttemptAt,
                response: ResponseHead.text(head, hiding: subscription.headers, ofURL: subscription.url))
        case .failure(let failure):
            self.init(
                deliveryID: deliveryID, subscription: subscription.name, event: event, attempt: attempt,
                startedAt: startedAt, durationMS: milliseconds, outcome: .error, httpStatus: nil, error: failure,
                nextAttemptAt: nextAttemptAt, response: nil)
        }
        if case .instructed(let instruction, _, _) = result { self.instruction = instruction }
        self.trace = trace
    }

    /// A record of given parts, as a line holds them.
    public init(
        deliveryID: String, subscription: String, event: String, attempt: Int, startedAt: Timestamp, durationMS: Int,
        outcome: Outcome, httpStatus: Int? = nil, error: DeliveryFailure? = nil, nextAttemptAt: Timestamp? = nil,
        response: String? = nil
    ) {
        self.deliveryID = deliveryID
        self.subscription = subscription
        self.event = event
        self.attempt = attempt
        self.startedAt = startedAt.roundedDownToMillisecond
        self.durationMS = durationMS
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.error = error
        self.nextAttemptAt = nextAttemptAt?.roundedUpToMillisecond
        self.response = response
    }
}
