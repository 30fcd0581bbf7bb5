/// What an attempt's result means for its delivery.
///
///     2xx                          delivered
///     410 Gone                     give up: the receiver wants nothing more
///     webhook-delivery: …          give up: abort-message for this delivery, disable as 410
///     bad_url, bad_header          give up: the same would happen again
///     address_refused              give up: a person has to say that the address may be called
///     any other answer or failure  retry, as long as the schedule has waits left
///
/// A redirect is an answer like any other: it is not followed, since a signed body must not go where its receiver points.
public enum Verdict: Sendable, Equatable {
    /// Answered 2xx: nothing more to do.
    case delivered
    /// To be tried again, not before what the receiver asked for.
    case retry(retryAfter: Duration?)
    /// No further attempt in this round.
    case giveUp

    /// Judges a result; the schedule is not asked yet.
    public static func of(_ result: AttemptResult) -> Verdict {
        switch result {
        case .answer(200...299, _, _): .delivered
        case .answer(410, _, _): .giveUp
        case .instructed(_, 200...299, _): .delivered
        case .instructed: .giveUp
        case .answer(_, let retryAfter, _): .retry(retryAfter: retryAfter)
        case .failure(let failure): failure.isPermanent ? .giveUp : .retry(retryAfter: nil)
        }
    }
}
