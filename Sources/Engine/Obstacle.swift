public import Files
public import Spool
public import SystemPackage

/// What keeps the engine from its work, or hampers it.
public enum Obstacle: Sendable, Equatable {
    /// Subscriptions/ can't be read.
    case unreadableSubscriptions
    /// There is too little room on the disk.
    case short(RoomShortage)
    /// The system refuses work.
    case trouble(Errno)
    /// These directories take no more names; claiming goes on.
    case crowded([State])

    /// Whether nothing is claimed because of it.
    public var stopsClaiming: Bool {
        if case .crowded = self { false } else { true }
    }
}

extension Engine {
    /// What is in the way now, the worst first; `nil` if nothing is.
    public var obstacle: Obstacle? {
        if isBlind { return .unreadableSubscriptions }
        if let code = trouble.code { return .trouble(code) }
        if let shortage = stock.shortage { return .short(shortage) }
        if !crowd.states.isEmpty { return .crowded(crowd.states.sorted { $0.rawValue < $1.rawValue }) }
        return nil
    }
}
