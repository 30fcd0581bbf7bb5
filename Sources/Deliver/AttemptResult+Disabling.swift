extension AttemptResult {
    /// Why the receiver wants no more webhooks; `nil` if it did not say so.
    public var disablingReason: Disabling.Reason? {
        switch self {
        case .answer(410, _, _), .instructed(.abortMessage, 410, _): .gone
        case .instructed(.disable, _, _): .requested
        case .answer, .instructed, .failure: nil
        }
    }

    /// Whether a failure is the receiver's: an answer is, and of the rest what ``DeliveryFailure/isChargedToReceiver`` says.
    public var isChargedToReceiver: Bool {
        if case .failure(let failure) = self { failure.isChargedToReceiver } else { true }
    }
}
