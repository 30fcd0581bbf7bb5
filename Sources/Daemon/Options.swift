public import Engine
public import Program
public import Spool
public import SystemPackage
internal import Times

/// How a spool is served.
public struct Options: Sendable {
    public var spool: FilePath
    public var durability = Durability.full
    /// The most bytes a request may have.
    public var maximumRequestBytes = 1 << 20
    public var policy = Engine.Policy()
    public var limits = Engine.Limits()
    /// How often incoming/ is read even if no event told of a change.
    public var rescanInterval = Duration.seconds(60)
    /// How long the attempts under way may take after a signal to stop.
    public var shutdownTimeout = Duration.seconds(10)
    /// Threads that perform transitions; 0 means one for two processors, four at the most.
    public var lanes = 0
    /// What processes the invoices; `nil` for the built-in processor, which computes the totals. How many run at once is
    /// `limits.programs`.
    public var processor: Program?
    /// What to do; see ``Mode``.
    public var mode = Mode.serve

    public enum Mode: Sendable, Equatable {
        /// Run until a signal comes.
        case serve
        /// Work off what is there until nothing can move, then end. Without waiting for retries, a request that has to be
        /// tried again later stays in processing/ for the next run.
        case drain(waitingForRetries: Bool)
    }

    public init(spool: FilePath) {
        self.spool = spool
    }
}
