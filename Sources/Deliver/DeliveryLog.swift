public import Times

/// What a `.attempts` file says, line by line folded into the state of each delivery.
///
///     attempt, delivered                  delivered
///     attempt with a next_attempt_at      pending, not before it
///     attempt without one                 given up
///     round retry, at T                   all but the delivered: pending from T, a fresh round
///     round replay, at T                  all: pending from T, a fresh round
///     round resume                        as it was
///     ended                               ended
///
/// A value: it reads no file and no clock. The file it was read from is the truth, and reading that again gives the same.
public struct DeliveryLog: Sendable, Equatable {
    /// Where one event's delivery to one subscription stands.
    public struct Delivery: Sendable, Equatable {
        /// See ``DeliveryID``.
        public let deliveryID: String
        /// The subscription's name, whether or not it still exists.
        public let subscription: String
        /// `nil` if the delivery ended before its first attempt.
        public internal(set) var event: String?
        /// Attempts over all rounds: the next one's `X-Attempt` is one more.
        public internal(set) var attempts = 0
        /// Attempts since the last retry or replay began.
        public internal(set) var attemptsInRound = 0
        /// What is to happen with it.
        public internal(set) var state: State
        /// The last attempt that is recorded, for people to look at.
        public internal(set) var lastAttempt: AttemptRecord?
    }

    /// What is to happen with a delivery.
    public enum State: Sendable, Equatable {
        /// To be attempted, not before a moment.
        case pending(notBefore: Timestamp)
        /// Answered 2xx in its last round.
        case delivered
        /// Its schedule ended, or it failed for good.
        case givenUp
        /// Ended without an attempt.
        case ended(AttemptLine.EndReason)
    }

    /// In the order in which the file first names them.
    public private(set) var deliveries: [Delivery] = []
    /// How many round marks there are.
    public private(set) var rounds = 0
    /// Whether nothing has been recorded since the last round mark: a request that comes back after a crash between mark
    /// and move needs no second one.
    public private(set) var lastLineIsRoundMark = false
    /// Whether the file does not end with a newline, because a crash tore the last line: the next append begins with
    /// one, so that it is not glued to the torn line.
    public private(set) var needsNewline = false

    /// Where each delivery stands, by its id; empty while they are so few that looking through them is cheaper. A dictionary
    /// for the one delivery that most invoices have costs 1,500 instructions.
    private var places: [String: Int] = [:]
    private static let fewest = 8

    /// The log of an event that nobody has been told of.
    public init() {}

    /// Folds the bytes of a file. Lines that are torn or foreign are skipped, wherever they stand; a last line that lacks
    /// nothing but its newline counts, so that closing it later does not change what the file says.
    public init(reading bytes: [UInt8]) {
        for line in bytes.split(separator: ASCII.newline) {
            if let line = AttemptLine.read(Array(line)) { apply(line) }
        }
        needsNewline = bytes.last.map { $0 != ASCII.newline } ?? false
    }

    /// Folds one more line, which has been appended to the file.
    public mutating func apply(_ line: AttemptLine) {
        needsNewline = false
        lastLineIsRoundMark = false
        switch line {
        case .attempt(let record):
            apply(record)
        case .round(let kind, let at):
            rounds += 1
            lastLineIsRoundMark = true
            begin(kind, at: at)
        case .ended(let deliveryID, let subscription, let reason, _):
            let place = place(of: deliveryID, subscription: subscription)
            deliveries[place].state = .ended(reason)
        }
    }

    /// What is known about a delivery.
    public subscript(deliveryID: String) -> Delivery? { place(of: deliveryID).map { deliveries[$0] } }

    /// The earliest moment at which a pending delivery is due, the mtime that `.attempts` gets; `nil` if none is pending.
    public var earliestPending: Timestamp? {
        deliveries.compactMap { $0.notBefore }.min()
    }

    /// Whether a delivery has been given up in its last round, so that the request ends in dead/.
    public var hasGivenUp: Bool { deliveries.contains(where: \.isGivenUp) }

    private mutating func apply(_ record: AttemptRecord) {
        let place = place(of: record.deliveryID, subscription: record.subscription)
        deliveries[place].event = record.event
        // The same line again: its append was refused after the line had been written.
        if deliveries[place].lastAttempt?.attempt == record.attempt { return }
        if let last = deliveries[place].lastAttempt, record.attempt < last.attempt {
            // Written late, since the disk refused it at first: what came after it stands.
            deliveries[place].attemptsInRound += 1
            return
        }
        // The number in the line counts more than the number of lines: one before it may have been torn.
        deliveries[place].attempts = max(deliveries[place].attempts + 1, record.attempt)
        deliveries[place].attemptsInRound += 1
        deliveries[place].state =
            record.outcome == .delivered
            ? .delivered : record.nextAttemptAt.map { .pending(notBefore: $0) } ?? .givenUp
        deliveries[place].lastAttempt = record
    }

    private mutating func begin(_ kind: AttemptLine.Round, at moment: Timestamp) {
        guard kind != .resume else { return }
        for place in deliveries.indices where kind == .replay || deliveries[place].state != .delivered {
            deliveries[place].attemptsInRound = 0
            deliveries[place].state = .pending(notBefore: moment)
        }
    }

    private mutating func place(of deliveryID: String, subscription: String) -> Int {
        if let place = place(of: deliveryID) { return place }
        deliveries.append(
            Delivery(deliveryID: deliveryID, subscription: subscription, state: .pending(notBefore: .distantPast)))
        if deliveries.count > DeliveryLog.fewest {
            for place in places.count..<deliveries.count { places[deliveries[place].deliveryID] = place }
        }
        return deliveries.count - 1
    }

    private func place(of deliveryID: String) -> Int? {
        places.isEmpty ? deliveries.firstIndex { $0.deliveryID == deliveryID } : places[deliveryID]
    }
}

extension DeliveryLog.Delivery {
    /// Whether it has failed for good in its last round: after attempts, or because its subscription is disabled. A
    /// retry makes it again.
    public var isGivenUp: Bool { state == .givenUp || state == .ended(.subscriptionDisabled) }

    /// Not before when it is tried again; `nil` unless it is pending.
    public var notBefore: Timestamp? {
        guard case .pending(let notBefore) = state else { return nil }
        return notBefore
    }
}
