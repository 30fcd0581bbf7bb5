internal import Claim
internal import DequeModule
internal import Process
internal import Spool
internal import Times

/// The requests that the processor has to do with. Each key is in one of its parts at most.
///
/// Only as many are kept with their content as run at once, and as many again to follow them; of the others there is the
/// key, and they are read again when their turn comes.
struct ProcessorQueue {
    /// In the order in which they came.
    private(set) var waiting: Deque<Key> = []
    private(set) var ready: Deque<Assignment> = []
    /// Being read again.
    private(set) var fetching: Set<Key> = []
    private(set) var underWay: [Key: Assignment] = [:]
    /// What is being written down, and what could not be yet.
    private(set) var recording: [Key: Completion] = [:]
    private var unrecorded: [Key: (at: Timestamp?, pause: Duration)] = [:]
    private var queued: Set<Key> = []
    /// Keys that came up again while their program ran: with another file, or since somebody touched `.attempts`.
    private var cameAgain: Set<Key> = []
    /// Since it can't be started: until when it is let be, and how long that was.
    private(set) var closed: (until: Timestamp, pause: Duration)?
    /// Why it can't be started; `nil` while it can.
    private(set) var failure: ProcessorFailure?
    /// A processor was seen, so that a request may wait as long as it does at most.
    private(set) var longestWait = Duration.zero

    /// How long a request that is to be tried later waits for the first time, and at most.
    static let firstWait = Duration.seconds(5)
    static let lastWait = Duration.seconds(3600)
    static let jitter = 0.1

    var count: Int { queued.count + fetching.count + underWay.count + recording.count }
    /// Nothing runs and everything is written down.
    var isIdle: Bool { underWay.isEmpty && recording.isEmpty }
    var hasQueued: Bool { !waiting.isEmpty || !ready.isEmpty }
    /// When writing down is tried again.
    var nextRetry: Timestamp? { unrecorded.values.compactMap(\.at).min() }

    func contains(_ key: Key) -> Bool {
        queued.contains(key) || fetching.contains(key) || underWay[key] != nil || recording[key] != nil
    }

    // MARK: Waiting

    /// Takes a request in; what comes up again while its program runs is remembered.
    mutating func add(_ assignment: Assignment, places: Int) {
        let key = assignment.key
        longestWait = ProcessorQueue.lastWait * (1 + ProcessorQueue.jitter)
        if fetching.remove(key) != nil {
            queued.insert(key)
            ready.append(assignment)
        } else if let current = underWay[key] ?? recording[key]?.assignment {
            // A walk that met it a moment before it was begun finds nothing new.
            if !current.isSame(as: assignment) { cameAgain.insert(key) }
        } else if queued.insert(key).inserted {
            if waiting.isEmpty, ready.count + fetching.count < places {
                ready.append(assignment)
            } else {
                waiting.append(key)
            }
        }
    }

    /// The next whose content is to be read again, if there is a place for it.
    mutating func nextToFetch(places: Int) -> Key? {
        guard ready.count + fetching.count < places, let key = waiting.popFirst() else { return nil }
        queued.remove(key)
        fetching.insert(key)
        return key
    }

    /// It was read, and need not be here any more.
    mutating func wasFetched(_ key: Key) {
        fetching.remove(key)
    }

    /// Nothing is begun any more.
    mutating func stop() {
        waiting.removeAll()
        ready.removeAll()
        queued.removeAll()
        fetching.removeAll()
    }

    // MARK: Running

    mutating func start(places: Int) -> Assignment? {
        guard underWay.count < places, let assignment = ready.popFirst() else { return nil }
        queued.remove(assignment.key)
        underWay[assignment.key] = assignment
        return assignment
    }

    mutating func ended(_ key: Key) -> Assignment? { underWay.removeValue(forKey: key) }

    /// Whether a key came up again since its program began; it is then to be looked at anew.
    mutating func takeAgain(_ key: Key) -> Bool { cameAgain.remove(key) != nil }

    /// Puts a request back to the front, for the program to be tried with it again.
    mutating func putBack(_ assignment: Assignment) {
        queued.insert(assignment.key)
        ready.prepend(assignment)
    }

    /// The program can't be started; returns whether that is new.
    mutating func close(for failure: ProcessorFailure, at now: Timestamp) -> Bool {
        self.failure = failure
        let pause = closed.map { min($0.pause * 2, .seconds(60)) } ?? ProcessorQueue.firstWait
        defer { closed = (now + pause, pause) }
        return closed == nil
    }

    /// The program was started; returns whether that is new.
    mutating func open() -> Bool {
        defer { (closed, failure) = (nil, nil) }
        return closed != nil
    }

    /// The clock was set: what waits here waits for as long as before.
    mutating func shift(by shift: Duration) {
        closed = closed.map { ($0.until + shift, $0.pause) }
        unrecorded = unrecorded.mapValues { (at: $0.at.map { $0 + shift }, pause: $0.pause) }
    }

    // MARK: Writing down

    mutating func record(_ completion: Completion) {
        recording[completion.key] = completion
    }

    mutating func recorded(_ key: Key) {
        recording[key] = nil
        unrecorded[key] = nil
    }

    /// It could not be written down, and is tried again; returns whether that is new.
    mutating func postpone(_ key: Key, at now: Timestamp, first: Duration, last: Duration) -> Bool {
        let old = unrecorded[key]
        let pause = old.map { min($0.pause * 2, last) } ?? first
        unrecorded[key] = (now + pause, pause)
        return old == nil
    }

    /// What is to be written down once more now.
    mutating func dueRecords(at now: Timestamp) -> [Completion] {
        guard let next = nextRetry, next <= now else { return [] }
        let due = unrecorded.filter { $0.value.at.map { $0 <= now } ?? false }.keys.sorted { $0.name < $1.name }
        // Answered, it is either done or postponed again.
        for key in due { unrecorded[key]?.at = nil }
        return due.compactMap { recording[$0] }
    }
}
