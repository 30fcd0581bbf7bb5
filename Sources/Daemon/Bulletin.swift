internal import Engine
internal import Glibc
internal import Spool
internal import Times

/// When `.billhook/status.json` is written: when something has changed, at most once a second, and so never while nothing
/// happens.
struct Bulletin {
    private struct Face: Equatable {
        let tally: Tally
        let inHand: Int
        let obstacle: Obstacle?
        let healthChanges: UInt64
    }

    private let version: String
    private var shown: Face?
    private var earliest: ContinuousClock.Instant?
    /// When what has changed is to be written; `nil` if nothing has.
    private(set) var due: ContinuousClock.Instant?

    static let interval = Duration.seconds(1)

    init(version: String) {
        self.version = version
    }

    /// What is to be written now; `nil` if nothing is.
    mutating func news(of engine: Engine, now: ContinuousClock.Instant, at moment: Timestamp) -> LiveStatus? {
        let face = Face(
            tally: engine.tally, inHand: engine.inHand, obstacle: engine.obstacle,
            healthChanges: engine.healthChanges)
        guard face != shown else {
            due = nil
            return nil
        }
        if let earliest, earliest > now {
            due = earliest
            return nil
        }
        due = nil
        shown = face
        earliest = now + Bulletin.interval
        return LiveStatus(
            at: moment, processID: getpid(), version: version,
            isClaiming: !(face.obstacle?.stopsClaiming ?? false), reason: face.obstacle?.text, inHand: face.inHand,
            tally: face.tally.counts, unwell: engine.unwell)
    }
}

extension Tally {
    fileprivate var counts: [LiveStatus.Count] {
        [
            LiveStatus.Count("done", done), LiveStatus.Count("dead", dead), LiveStatus.Count("duplicates", duplicates),
            LiveStatus.Count("conflicts", conflicts), LiveStatus.Count("refused", refused),
            LiveStatus.Count("archived", archived), LiveStatus.Count("delivered", delivered),
            LiveStatus.Count("failed_attempts", failedAttempts),
        ]
    }
}
