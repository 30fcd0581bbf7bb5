public import Deliver
internal import Files
internal import Process
public import Spool
internal import SystemPackage
public import Times

/// Moves requests back to incoming/: from dead/ to be retried, from done/ to be replayed, from hold/ to be released. The
/// same as a person's `mv -n`, for many at a time. Those that wait in processing/ for their next attempt stay there, and get
/// it now: a person's `touch` of their `.attempts`.
///
/// The sidecars stay; the daemon brings them along when it claims the request. A move is one rename that replaces
/// nothing, and incoming/ is flushed before the moves are reported.
public struct Returner: Sendable {
    public enum Verb: String, Sendable {
        /// From dead/: only what was not delivered, in a fresh round of attempts; a rejected request is processed anew.
        case retry
        /// From done/: every current subscription that matches is called again, with the same delivery ids.
        case replay

        /// Where the requests are taken from, the usual state first.
        public var sources: [State] { self == .retry ? [.dead, .hold, .processing] : [.done] }
    }

    /// Which requests are meant, among those that were named or all of them.
    public struct Filter: Sendable {
        /// Those with a delivery to this subscription; for a retry, one that was given up.
        public var subscription: String?
        /// Those that failed, or were processed, at this moment or later.
        public var since: Timestamp?
        /// Those that failed, or were processed, before this moment.
        public var until: Timestamp?
        /// Those whose event's body meets these conditions; those that have no event yet do not.
        public var match: Match?

        public init(
            subscription: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil, match: Match? = nil
        ) {
            self.subscription = subscription
            self.since = since
            self.until = until
            self.match = match
        }

        /// Whether it leaves nothing out.
        public var isEmpty: Bool { subscription == nil && since == nil && until == nil && match == nil }
    }

    public enum Outcome: Sendable, Equatable {
        /// It stands in incoming/, durably; or would, in a dry run.
        case returned
        /// It stays where it is; a whole sentence says why.
        case skipped(because: String)
        /// It stands elsewhere, or nowhere; a whole sentence says where.
        case notThere(String)
        /// incoming/ has a file of its name already; a whole sentence.
        case blocked(String)
    }

    /// How many came to what.
    public struct Tally: Sendable, Equatable {
        public var returned = 0
        public var skipped = 0
        public var notThere = 0
        public var blocked = 0
    }

    let spool: Spool
    let verb: Verb
    let filter: Filter
    let source: State
    let dryRun: Bool
    private let pacer: Pacer?

    private static let mostInABatch = 256

    /// - Parameters:
    ///   - source: one of the verb's `sources`; the usual one if it is `nil`.
    ///   - dryRun: report what would be moved, and move nothing.
    ///   - pacer: how fast, so that what comes back does not crowd out what is new; `nil` for as fast as can be.
    public init(
        _ spool: Spool, _ verb: Verb, from source: State? = nil, filter: Filter = Filter(), dryRun: Bool = false,
        pacer: Pacer? = nil
    ) {
        self.source = source ?? verb.sources[0]
        self.pacer = dryRun ? nil : pacer
        self.spool = spool
        self.verb = verb
        self.filter = filter
        self.dryRun = dryRun
    }

    /// Moves the named requests, in their order.
    ///
    /// - Parameter report: is called with a file's name without `.json`, for each of them.
    /// - Throws: `OperateError` when the spool can't be read or written; what was reported before has moved. Of kind
    ///   `noInput`, with nothing moved, if the filter names a subscription that there is not and none of them had.
    public func run(_ keys: [Key], report: (String, Outcome) -> Void) throws(OperateError) -> Tally {
        try checkSubscription(among: keys)
        var tally = Tally()
        for start in stride(from: 0, to: keys.count, by: batchSize) {
            let batch = keys[start..<min(start + batchSize, keys.count)]
            try settle(batch.map { ($0, nil) }, isNamed: true, &tally, report)
        }
        return tally
    }

    /// Moves all requests that the filter lets through, in the directory's order. Those that it leaves out are not
    /// reported, conflicting drops are, as skipped.
    ///
    /// A request that comes back while this is under way is not moved twice.
    ///
    /// - Throws: as ``run(_:report:)`` does.
    public func runAll(report: (String, Outcome) -> Void) throws(OperateError) -> Tally {
        try checkSubscription(among: nil)
        var tally = Tally()
        var seen: Set<Key> = []
        let scan = try explaining("\(source.rawValue)/ can't be read") { () throws(Errno) in
            try DirectoryScan(spool.directory(source))
        }
        let size = batchSize
        while true {
            let names = try explaining("\(source.rawValue)/ can't be read") { () throws(Errno) in
                try scan.next(size)
            }
            var batch: [(Key, String?)] = []
            for name in names {
                switch DropName(name) {
                case .request(let key) where seen.insert(key).inserted: batch.append((key, nil))
                case .conflict(let key) where filter.isEmpty && source == .dead:
                    batch.append((key, String(decoding: name.dropLast(5), as: UTF8.self)))
                case .request, .conflict, .sidecar, .unfinished, .refused: break
                }
            }
            try settle(batch, isNamed: false, &tally, report)
            if names.count < size { return tally }
        }
    }

    /// Why a file that somebody names is left alone; `nil` unless it is a conflicting drop, which is no request of its key:
    /// naming it must not move the key's first request.
    public static func objection(to argument: String) -> String? {
        let name = argument.split(separator: "/").last.map(String.init) ?? argument
        for text in [name, name + ".json"] {
            if case .conflict(let key) = DropName(text) { return Sentences.conflict(of: key, String(text.dropLast(5))) }
        }
        return nil
    }

    /// How many are moved before incoming/ is flushed for them and they are reported.
    private var batchSize: Int { min(Returner.mostInABatch, pacer?.perSecond ?? .max) }

    private func settle(
        _ batch: [(key: Key, conflict: String?)], isNamed: Bool, _ tally: inout Tally,
        _ report: (String, Outcome) -> Void
    ) throws(OperateError) {
        var outcomes: [(String, Outcome)] = []
        try explaining("Requests can't be moved to incoming/") { () throws(Errno) in
            for (key, conflict) in batch {
                if let conflict {
                    outcomes.append((conflict, .skipped(because: Sentences.conflict(of: key, conflict))))
                } else if let outcome = try move(key, isNamed: isNamed) {
                    outcomes.append((key.name, outcome))
                }
            }
            if !dryRun, source != .processing, outcomes.contains(where: { $0.1 == .returned }) {
                try spool.incoming.sync()
            }
        }
        for (name, outcome) in outcomes {
            tally.count(outcome)
            report(name, outcome)
        }
    }

    /// `nil` for one that is not meant, or has gone in this moment, where nobody asked for it by name.
    private func move(_ key: Key, isNamed: Bool) throws(Errno) -> Outcome? {
        let directory = spool.directory(source)
        guard try directory.contains(key.fileName) else { return isNamed ? .notThere(try whereabouts(of: key)) : nil }
        if let objection = try objection(to: key) { return isNamed ? .skipped(because: objection) : nil }
        if source == .processing { return try hurry(key, isNamed: isNamed) }
        if try spool.incoming.contains(key.fileName) { return .blocked(Sentences.blocked(key, source)) }
        if dryRun { return .returned }
        pacer?.await()
        do throws(Errno) {
            let isMoved = try directory.move(key.fileName, to: spool.incoming, as: key.fileName)
            return isMoved ? .returned : .blocked(Sentences.blocked(key, source))
        } catch .noSuchFileOrDirectory {
            return isNamed ? .notThere(try whereabouts(of: key)) : nil
        }
    }

    /// Makes a request's next attempt due now, if it has one to come.
    private func hurry(_ key: Key, isNamed: Bool) throws(Errno) -> Outcome? {
        let name = Sidecar.attempts.fileName(key)
        guard let modified = try spool.processing.status(name)?.modified, modified > .now else {
            return isNamed ? .skipped(because: "\(key) waits for no later attempt: it is under way, or due now.") : nil
        }
        if dryRun { return .returned }
        pacer?.await()
        try File.reading(name, in: spool.processing).touch()
        return .returned
    }

    private func whereabouts(of key: Key) throws(Errno) -> String {
        switch try spool.place(of: key) {
        case .state(let state): Sentences.elsewhere(key, state, source, spool.commands)
        case .archive(let day): Sentences.archived(key, day, source, spool.commands)
        case .removed(let state): Sentences.removed(key, state, spool.commands)
        case .conflictsOnly, nil: "There is no request with the key \(key)."
        }
    }

    /// Why the filter leaves a request out; `nil` if it doesn't.
    private func objection(to key: Key) throws(Errno) -> String? {
        if let name = filter.subscription, try !hasDelivery(of: key, to: name) {
            return
                "\(key) has no delivery to \(name)\(source == .dead ? " that was given up" : source == .done ? "" : " that is pending")."
        }
        if let match = filter.match {
            guard let body = try eventBody(of: key) else {
                return "\(key) has no invoice, and so no event that could meet the conditions."
            }
            if let failure = match.failure(ofBody: body) { return "\(key) does not match: \(failure)." }
        }
        guard filter.since != nil || filter.until != nil else { return nil }
        guard let moment = try moment(of: key) else {
            return "\(key) has no readable .\(source == .dead ? "error" : "invoice") that tells its time."
        }
        if let since = filter.since, moment < since {
            return "\(key) is of \(moment.iso8601), before the time asked for."
        }
        if let until = filter.until, moment >= until {
            return "\(key) is of \(moment.iso8601), after the time asked for."
        }
        return nil
    }

    private func hasDelivery(of key: Key, to name: String) throws(Errno) -> Bool {
        try log(of: key).deliveries.contains { delivery in
            guard delivery.subscription == name else { return false }
            return switch source {
            case .dead: delivery.isGivenUp
            case .hold, .processing: delivery.notBefore != nil
            case .done, .incoming: true
            }
        }
    }

    func log(of key: Key) throws(Errno) -> DeliveryLog {
        let place = try spool.state(of: .attempts, key)
        return DeliveryLog(
            reading: try place.flatMap { place throws(Errno) in try spool.read(.attempts, key, in: place) } ?? [])
    }

    /// What its subscribers are told: an entry is that itself.
    private func eventBody(of key: Key) throws(Errno) -> [UInt8]? {
        if key.isEntry { return try spool.directory(source).read(key.fileName) }
        guard let place = try spool.state(of: .invoice, key),
            let invoice = try spool.read(.invoice, key, in: place), let record = try? InvoiceRecord.read(invoice)
        else { return nil }
        return EventBody.invoiceProcessed(invoice: invoice, processedAt: record.processedAt)
    }

    private func moment(of key: Key) throws(Errno) -> Timestamp? {
        if source == .dead { return try spool.read(.error, key, in: .dead).flatMap { ErrorReport($0) }?.at }
        // An entry is written once, when its event is raised.
        if key.isEntry { return try spool.directory(source).status(key.fileName)?.modified }
        // The sidecars of a parked request stay in processing/.
        let place = try spool.state(of: .invoice, key)
        return try place.flatMap { place throws(Errno) in try spool.read(.invoice, key, in: place) }
            .flatMap { try? InvoiceRecord.read($0) }?.processedAt
    }
}

extension Returner.Tally {
    mutating func count(_ outcome: Returner.Outcome) {
        switch outcome {
        case .returned: returned += 1
        case .skipped: skipped += 1
        case .notThere: notThere += 1
        case .blocked: blocked += 1
        }
    }
}

/// What is said about requests that are not moved.
private enum Sentences {
    static func conflict(of key: Key, _ name: String) -> String {
        "dead/\(name).json conflicts with \(key) and is left alone. If it is an invoice of its own, rename it to a new key and"
            + " move it to incoming/; otherwise delete it."
    }

    static func blocked(_ key: Key, _ source: State) -> String {
        "\(key) stays in \(source.rawValue)/: another drop of the key waits in incoming/."
    }

    static func archived(_ key: Key, _ day: String, _ source: State, _ commands: SpoolCommands) -> String {
        "\(key) stands in archive/\(day)/, not in \(source.rawValue)/: it left the idempotency window and its key is free."
            + " Restore it with '\(commands.restore(key, day))', then call its subscribers again with"
            + " '\(commands.billhook("replay \(key)"))'."
    }

    static func removed(_ key: Key, _ state: State, _ commands: SpoolCommands) -> String {
        "The request \(key) was removed; only its sidecars stand, in \(state.rawValue)/. Free its key with"
            + " '\(commands.free(key, state))'."
    }

    static func elsewhere(_ key: Key, _ state: State, _ source: State, _ commands: SpoolCommands) -> String {
        let advice =
            switch state {
            case .incoming: "it is claimed next"
            case .processing: "it is under way; try now with '\(commands.billhook("retry \(key) --state processing"))'"
            case .done: "it is done; call its subscribers again with '\(commands.billhook("replay \(key)"))'"
            case .dead: "it is dead; try again with '\(commands.billhook("retry \(key)"))'"
            case .hold: "it is parked; release it with '\(commands.billhook("retry \(key) --state hold"))'"
            }
        return "\(key) stands in \(state.rawValue)/, not in \(source.rawValue)/: \(advice)."
    }
}
