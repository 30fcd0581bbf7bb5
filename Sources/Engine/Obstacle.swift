public import Files
internal import Process
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
    /// The processor can't be started: whole sentences that say why, and what to do. Claiming goes on.
    case processor(String, fix: String)
    /// These directories take no more names; claiming goes on.
    case crowded([State])

    /// Whether nothing is claimed because of it.
    public var stopsClaiming: Bool {
        switch self {
        case .unreadableSubscriptions, .short, .trouble: true
        case .processor, .crowded: false
        }
    }
}

extension Engine {
    /// What is in the way now, the worst first; `nil` if nothing is.
    public var obstacle: Obstacle? {
        if isBlind { return .unreadableSubscriptions }
        if let code = trouble.code { return .trouble(code) }
        if let shortage = stock.shortage { return .short(shortage) }
        if let failure = processor.failure { return .processor(failure.message, fix: failure.hint) }
        if !crowd.states.isEmpty { return .crowded(crowd.states.sorted { $0.rawValue < $1.rawValue }) }
        return nil
    }
}
