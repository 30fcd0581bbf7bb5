public import Times

/// One line of a `.attempts` file: an attempt, or a mark.
public enum AttemptLine: Sendable, Equatable {
    case attempt(AttemptRecord)
    /// A new round of attempts is allowed from here on.
    case round(kind: Round, at: Timestamp)
    /// A delivery ended without an attempt.
    case ended(deliveryID: String, subscription: String, reason: EndReason, at: Timestamp)

    /// Why a request came back to be delivered.
    public enum Round: String, Sendable, CaseIterable {
        /// From dead/: what was not delivered gets a fresh round of attempts.
        case retry
        /// Released from hold/, or found half moved: goes on where it stopped.
        case resume
        /// From done/: every subscriber is called again.
        case replay
    }

    /// Why a delivery ended without an attempt.
    public enum EndReason: String, Sendable, CaseIterable {
        /// The subscription's file is gone.
        case unsubscribed
        /// The subscription no longer asks for the event.
        case unmatched
        /// The subscription is disabled: the delivery counts as given up.
        case subscriptionDisabled = "subscription_disabled"
        /// A reason that a later version wrote.
        case other
    }
}
