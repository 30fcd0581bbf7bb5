/// Where a request stands is what it is: one directory a state, and one rename a transition.
public enum State: String, CaseIterable, Sendable {
    /// Dropped, and not yet claimed.
    case incoming
    /// Claimed: being processed, delivered, or waiting for its next attempt.
    case processing
    /// Processed, and no delivery was given up.
    case done
    /// Rejected, failed, or given up on.
    case dead
    /// Parked by a person.
    case hold

    /// The states in which a request or its `.invoice` takes the key.
    public static let taking: [State] = [.processing, .done, .hold, .dead]
}
