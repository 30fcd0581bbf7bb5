/// What came of a POST.
public enum PostResult: Sendable, Equatable {
    /// The receiver gave a final answer, whatever its status.
    ///
    /// - `status`: 200 to 999; 1xx is never final.
    /// - `retryAfter`: what its Retry-After asks for (RFC 9110, section 10.2.3), seconds or date, at most a year;
    ///   `nil` if there is none or it asks for no wait.
    /// - `head`: the first bytes of its body, at most `PostRequest.responseLimit`.
    case answer(status: Int, retryAfter: Duration?, head: [UInt8])

    /// The same, with an instruction about what else to send; its `Retry-After` is of no use then.
    case instructed(PostInstruction, status: Int, head: [UInt8])

    /// There was no complete answer. The receiver may have seen the request all the same.
    case failure(PostFailure)
}
