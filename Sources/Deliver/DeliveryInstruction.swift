/// What a receiver asks for beside its status, in the answer's header `webhook-delivery` (Svix, "Delivery Control").
public enum DeliveryInstruction: String, Sendable, CaseIterable {
    /// This delivery is not to be tried again; without effect on one that was accepted.
    case abortMessage = "abort-message"
    /// Nothing more is to be sent to this subscription, whatever the status.
    case disable
}
