internal import Deliver
internal import Files
internal import Process
public import Spool
internal import SystemPackage
public import Times

/// Moves requests back to incoming/: from dead/ to be retried, from done/ to be replayed. The same as a person's
/// `mv -n`, for many at a time.
///
/// The sidecars stay; the daemon brings them along when it claims the request. A move is one rename that replaces
/// nothing, and incoming/ is flushed before the moves are reported.
public struct Returner: Sendable {
    public enum Verb: String, Sendable {
        /// From dead/: only what was not delivered, in a fresh round of attempts; a rejected request is processed anew.
        case retry
        /// From done/: every current subscription that matches is called again, with the same delivery ids.
        case replay

        /// Where the requests are taken from.
        public var source: State { self == .retry ? .dead : .done }
    }

    /// Which requests are meant, among those that were named or all of them.
    public struct Filter: Sendable {
        /// Those with a delivery to this subscription; for a retry, one that was given up.
        public var subscription: String?
        /// Those that failed, or were processed, at this moment or later.
        public var since: Timestamp?
        /// Those that failed, or were processed, before this moment.
        public var until: Timestamp?

        public init(subscription: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
            self.subscription = subscription
            self.since = since
            self.until = until
        }

        /// Whether it leaves nothing out.
        public var isEmpty: Bool { subscription == nil && since == nil && until == nil }
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
    let dryRun: Bool

    private static let batch = 256

    /// - Parameter dryRun: report what would be moved, and move nothing.
    public init(_ spool: Spool, _ verb: Verb, filter: Filter = Filter(), dryRun: Bool = false) {
        self.spool = spool
        self.verb = verb
        self.filter = filter
        self.dryRun = dryRun
    }

    /// Moves the named requests, in their order.
    ///
    /// - Parameter report: is called with a file's name without `.json`, for each of them.
    /// - Throws: `OperateError` when the spool can't be read or written; what was reported before has moved.
    public func run(_ keys: [Key], report: (String, Outcome) -> Void) throws(OperateError) -> Tally {
        var tally = Tally()
        for start in stride(from: 0, to: keys.count, by: Returner.batch) {
            let batch = keys[start..<min(start + Returner.batch, keys.count)]
            try settle(batch.map { ($0, nil) }, isNamed: true, &tally, report)
        }
        return tally
    }

    /// Moves all requests that the filter lets through, in the directory's order. Those that it leaves out are not
    /// reported, conflicting drops are, as skipped.
    ///
    /// A request that comes back while this is under way is not moved twice.
    public func runAll(report: (String, Outcome) -> Void) throws(OperateError) -> Tally {
        var tally = Tally()
        var seen: Set<Key> = []
        let scan = try explaining("\(verb.source.rawValue)/ can't be read") { () throws(Errno) in
            try DirectoryScan(spool.directory(verb.source))
        }
        while true {
            let names = try explaining("\(verb.source.rawValue)/ can't be read") { () throws(Errno) in
                try scan.next(Returner.batch)
            }
            var batch: [(Key, String?)] = []
            for name in names {
                switch DropName(name) {
                case .request(let key) where seen.insert(key).inserted: batch.append((key, nil))
                case .conflict(let key) where filter.isEmpty && verb == .retry:
                    batch.append((key, String(decoding: name.dropLast(5), as: UTF8.self)))
                case .request, .conflict, .sidecar, .unfinished, .refused: break
                }
            }
            try settle(batch, isNamed: false, &tally, report)
            if names.count < Returner.batch { return tally }
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
            if !dryRun, outcomes.contains(where: { $0.1 == .returned }) { try spool.incoming.sync() }
        }
        for (name, outcome) in outcomes {
            tally.count(outcome)
            report(name, outcome)
        }
    }

    /// `nil` for one that is not meant, or has gone in this moment, where nobody asked for it by name.
    private func move(_ key: Key, isNamed: Bool) throws(Errno) -> Outcome? {
        let source = spool.directory(verb.source)
        guard try source.contains(key.fileName) else { return isNamed ? .notThere(try whereabouts(of: key)) : nil }
        if let objection = try objection(to: key) { return isNamed ? .skipped(because: objection) : nil }
        if try spool.incoming.contains(key.fileName) { return .blocked(Sentences.blocked(key, verb)) }
        if dryRun { return .returned }
        do throws(Errno) {
            let isMoved = try source.move(key.fileName, to: spool.incoming, as: key.fileName)
            return isMoved ? .returned : .blocked(Sentences.blocked(key, verb))
        } catch .noSuchFileOrDirectory {
            return isNamed ? .notThere(try whereabouts(of: key)) : nil
        }
    }

    private func whereabouts(of key: Key) throws(Errno) -> String {
        let states: [State] = [.incoming, .processing, .done, .dead, .hold]
        guard let state = try spool.stateOfRequest(key, in: states) else {
            return "There is no request with the key \(key)."
        }
        return Sentences.elsewhere(key, state, verb)
    }

    /// Why the filter leaves a request out; `nil` if it doesn't.
    private func objection(to key: Key) throws(Errno) -> String? {
        if let name = filter.subscription, try !hasDelivery(of: key, to: name) {
            return "\(key) has no delivery to \(name)\(verb == .retry ? " that was given up" : "")."
        }
        guard filter.since != nil || filter.until != nil else { return nil }
        guard let moment = try moment(of: key) else {
            return "\(key) has no readable .\(verb == .retry ? "error" : "invoice") that tells its time."
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
        let log = DeliveryLog(reading: try spool.read(.attempts, key, in: verb.source) ?? [])
        return log.deliveries.contains { $0.subscription == name && (verb == .replay || $0.isGivenUp) }
    }

    private func moment(of key: Key) throws(Errno) -> Timestamp? {
        switch verb {
        case .retry: try spool.read(.error, key, in: .dead).flatMap { ErrorReport($0) }?.at
        case .replay where key.isEntry: try spool.done.status(key.fileName)?.modified
        case .replay:
            try spool.read(.invoice, key, in: .done).flatMap { try? InvoiceRecord.read($0) }?.processedAt
        }
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

    static func blocked(_ key: Key, _ verb: Returner.Verb) -> String {
        "\(key) stays in \(verb.source.rawValue)/: another drop of the key waits in incoming/."
    }

    static func elsewhere(_ key: Key, _ state: State, _ verb: Returner.Verb) -> String {
        let advice =
            switch (state, verb) {
            case (.incoming, _): "it is claimed next"
            case (.processing, _): "it is under way; touch its .attempts to try now"
            case (.done, _): "it is done; call its subscribers again with 'billhook replay'"
            case (.dead, _): "it is dead; try again with 'billhook retry'"
            case (.hold, _): "it is parked; release it with mv hold/\(key.fileName) incoming/"
            }
        return "\(key) stands in \(state.rawValue)/, not in \(verb.source.rawValue)/: \(advice)."
    }
}
