/// What one attempt to deliver a webhook came to.
public enum AttemptResult: Sendable, Equatable {
    /// The receiver answered: the final status, its `Retry-After` if it sent one, and the first bytes of the body.
    case answer(status: Int, retryAfter: Duration?, head: [UInt8])
    /// The receiver answered, with this status, and told what to do about it in a `webhook-delivery` header.
    case instructed(DeliveryInstruction, status: Int, head: [UInt8])
    /// There was no answer.
    case failure(DeliveryFailure)
}
