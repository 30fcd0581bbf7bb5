internal import Claim
internal import Files
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// From a claimed request to its `.invoice`, where a program of the user's processes it.
extension Engine {
    /// A request is to be processed: now, in its turn, or when its time has come.
    mutating func assign(_ assignment: Assignment, at now: Timestamp) {
        let key = assignment.key
        if let old = jobs[key] {
            // It came back under a delivery: read it again when that has ended.
            old.isStale = true
            return
        }
        guard !isStopping else { return }
        let longest = ProcessorQueue.lastWait * (1 + ProcessorQueue.jitter)
        if let due = assignment.notBefore, due > now, due <= now + longest, !processor.contains(key) {
            window.insert(key, due: due)
            return
        }
        window.remove(key)
        processor.add(assignment, places: limits.programs)
    }

    mutating func advanceProcessor(at now: Timestamp, _ actions: inout [Action]) {
        guard !trouble.isStanding else { return }
        while jobs.count < limits.jobs, let assignment = processor.start(places: places(at: now)) {
            actions.append(.process(assignment))
        }
        while let key = processor.nextToFetch(places: limits.programs) { loads.append(key) }
    }

    /// How many programs may run: one, while it is tried whether it can be started again.
    private func places(at now: Timestamp) -> Int {
        guard let closed = processor.closed else { return limits.programs }
        return policy.retries && closed.until <= now ? 1 : 0
    }

    func considerProcessor(_ first: inout Earliest) {
        first.consider(processor.nextRetry)
        if let closed = processor.closed, policy.retries, !processor.ready.isEmpty, processor.underWay.isEmpty,
            !trouble.isStanding, jobs.count < limits.jobs
        {
            first.consider(closed.until)
        }
    }

    /// Whether nothing of it can move; a batch job does not wait for a program that can't be started.
    var isProcessorAtRest: Bool {
        guard processor.isIdle, processor.fetching.isEmpty else { return false }
        return !processor.hasQueued || processor.closed != nil && !policy.retries
    }

    mutating func processed(_ key: Key, _ outcome: ProcessorOutcome?, at now: Timestamp, _ actions: inout [Action]) {
        guard let assignment = processor.ended(key) else { return }
        if case .unstartable(let failure)? = outcome {
            return wait(assignment, for: failure, at: now, &actions)
        }
        if outcome != nil, processor.open() { actions.append(.report(.processorAvailable)) }
        switch outcome {
        case .done(let result): write(Completion(assignment, .processed(result: result)), &actions)
        case .failed(let failure): write(Completion(assignment, .failed(ErrorReport(failure, at: now))), &actions)
        case .tryLater(let sentence): postpone(assignment, sentence, at: now, &actions)
        case nil, .stopped?, .unstartable?: reload(key)
        }
    }

    private mutating func write(_ completion: Completion, _ actions: inout [Action]) {
        processor.record(completion)
        actions.append(.complete(completion))
    }

    /// Another file may stand under the key than the one that the program was given.
    private mutating func reload(_ key: Key) {
        _ = processor.takeAgain(key)
        if !isStopping { loads.append(key) }
    }

    /// A program that can't be started is nobody's invoice's fault: they wait, and people are told once.
    private mutating func wait(
        _ assignment: Assignment, for failure: ProcessorFailure, at now: Timestamp, _ actions: inout [Action]
    ) {
        if processor.close(for: failure, at: now) {
            actions.append(.report(.processorUnavailable(failure.message, fix: failure.hint)))
        }
        if processor.takeAgain(assignment.key) {
            reload(assignment.key)
        } else if !isStopping {
            processor.putBack(assignment)
        }
    }

    /// The moment goes on disk as the mtime of `.attempts`; should that be refused, a restart runs it early and not late.
    private mutating func postpone(
        _ assignment: Assignment, _ sentence: String, at now: Timestamp, _ actions: inout [Action]
    ) {
        let key = assignment.key
        if processor.takeAgain(key) { return reload(key) }
        let draw = Double.random(in: 0..<1, using: &random)
        let due = now + Engine.processorWait(after: assignment.waited, random: draw)
        actions.append(.report(.processorPostponed(key, sentence, until: due)))
        actions.append(.record(Record(key: key, lines: [], closingTornLine: false, due: due, ending: nil)))
        if !isStopping { window.insert(key, due: due) }
    }

    /// How long a request waits that the processor does not want yet: 5 s, then twice what it waited before, up to an
    /// hour, and up to a tenth more.
    ///
    ///     5 s, 10 s, 20 s, 40 s, 80 s, 160 s, 320 s, 640 s, 1280 s, 2560 s, 1 h, 1 h, …
    ///
    /// - Parameter random: from 0 to 1: where in the jitter.
    static func processorWait(after last: Duration, random: Double) -> Duration {
        let wait = min(max(last * 2, ProcessorQueue.firstWait), ProcessorQueue.lastWait)
        return wait * (1 + ProcessorQueue.jitter * random)
    }

    mutating func completed(
        _ key: Key, _ result: Result<ClaimResult, Errno>, at now: Timestamp, _ actions: inout [Action]
    ) {
        guard processor.recording[key] != nil else { return }
        switch result {
        case .failure(let code):
            // The program has done its work, and must not do it again because of a full disk.
            let isNew = processor.postpone(key, at: now, first: Trouble.pause, last: Intake.longestPause)
            guard code.concernsOneFile else { return suffer(key, code, at: now, &actions) }
            if isNew { actions.append(.report(.unclaimable(key, code))) }
        case .success(let result):
            wellAgain(&actions)
            processor.recorded(key)
            if case .vanished = result {
                actions.append(.report(.vanished(key)))
                return reload(key)
            }
            _ = processor.takeAgain(key)
            prepared(key, result, at: now, &actions)
        }
    }

    mutating func retryCompletions(at now: Timestamp, _ actions: inout [Action]) {
        for completion in processor.dueRecords(at: now) { actions.append(.complete(completion)) }
    }
}

extension ErrorReport {
    fileprivate init(_ failure: ProcessorFailure, at now: Timestamp) {
        self.init(
            code: failure.code, message: failure.message, stage: .process, hint: failure.hint, at: now,
            standardError: failure.lastLines)
    }
}
