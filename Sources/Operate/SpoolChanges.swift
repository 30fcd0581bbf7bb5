internal import Glibc
public import Spool
internal import SystemPackage
internal import Times
internal import Watch

/// Tells which requests may have come to an end, so that waiting for one needs no polling.
///
/// There is one of them in the life of a process (see `Watcher`). Make it before the request is submitted; where nothing
/// can be watched, it says so by `isWatching` and tells to look at everything after each pause.
public final class SpoolChanges {
    /// What to look at again.
    public enum News: Sendable, Equatable {
        case keys(Set<Key>)
        case everything
    }

    private let watcher: Watcher?
    private var events: [WatchEvent] = []

    /// How long it waits between two looks where events can't be had.
    private static let pollInterval = Duration.milliseconds(250)

    public init(_ spool: Spool, until goal: Waiter.Goal) {
        let states: [State] = goal == .done ? [.done, .dead] : [.done, .dead, .processing]
        let interests = states.enumerated().map { tag, state in
            Watcher.Interest(path: spool.path.appending(state.rawValue).string, tag: tag, events: .arrivals)
        }
        watcher = try? Watcher(interests)
    }

    /// Whether events wake the waiting; otherwise it polls.
    public var isWatching: Bool { watcher != nil }

    /// Waits for the next change, at most `timeout`; after that, for an event that was lost, everything is to be looked
    /// at.
    public func next(_ timeout: Duration) -> News {
        guard let watcher else {
            let pause = min(timeout, SpoolChanges.pollInterval)
            // Nothing can be watched, so there is no event to wait for.
            usleep(UInt32(max(1, pause.wholeMilliseconds)) * 1000)
            return .everything
        }
        do {
            try watcher.next(timeout: timeout, into: &events)
        } catch {
            return .everything
        }
        if events.isEmpty { return .everything }
        var keys: Set<Key> = []
        for event in events {
            guard case .arrived(_, let name, _) = event else { return .everything }
            if let key = SpoolChanges.key(of: name) { keys.insert(key) }
        }
        return .keys(keys)
    }

    /// The key that a request, a conflict or a sidecar belongs to.
    static func key(of name: [UInt8]) -> Key? {
        let text = String(decoding: name, as: UTF8.self)
        return switch DropName(text) {
        case .request(let key), .conflict(let key): key
        case .sidecar: SidecarName(text)?.key
        case .unfinished, .refused: nil
        }
    }
}
