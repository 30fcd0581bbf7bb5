internal import CLinux
internal import Claim
internal import Deliver
public import Engine
internal import Files
internal import Glibc
public import Logging
internal import Program
internal import Spool
internal import SystemPackage
internal import Times
internal import Transport
internal import Watch

/// Serves one spool: the shell around the engine that performs what it decides.
///
/// One thread listens to inotify, decides, and drives libcurl; a few lanes write and rename; one reads directories; one, the
/// log's, is there before it. None of them holds anything that is not in the spool, so that it may be killed at any
/// moment.
public final class Daemon {
    /// What is told while a batch is worked off.
    public struct Progress: Sendable {
        public let tally: Tally
        /// Requests in hand: claimed or being delivered.
        public let inHand: Int
    }

    /// How a run ended.
    public struct Summary: Sendable {
        public let tally: Tally
        /// Requests and events that still stand in processing/; not counted of a service.
        public let waiting: Int
        /// Drops left in incoming/ that were to be claimed, as there was no room or no time; not counted of a service.
        public let unclaimed: Int
        /// Drops left in incoming/: cut off, or still being written.
        public let incomplete: Int
        public let elapsed: Duration
        /// Subscriptions/ could not be read, so nothing was claimed.
        public let wasBlind: Bool
        /// There was no room for the rest on the disk, or in one directory.
        public let wasStuck: Bool
        /// The spool went away while it was served.
        public let wasDisplaced: Bool
        /// A signal asked for the end.
        public let wasToldToStop: Bool
    }

    /// How long news of the kernel's wait while there is plenty to claim: they come in hundreds then, and not two at a time.
    private static let hearingPause = Duration.milliseconds(10)

    let options: Options
    let spool: Spool
    private let renames: Spool.Renames
    let log: Logger
    let writer: LogWriter
    private let reporter: LogReporter
    private let version: String
    private var engine: Engine
    /// Empty, with the room that the turns so far needed: growing into it anew takes 3,000 instructions an invoice.
    private var spareActions: [Action] = []
    private let poster: Poster
    private let transport: Transport
    private let mailbox: Mailbox
    private let lanes: Lanes
    private let processor: ProcessorRunner?
    private let scanner: Scanner
    private let watch: SpoolWatch?
    /// Why events can't be relied on.
    private let watchObjection: String?
    private let announcer = Announcer()
    private let rescanInterval: Duration
    private let lock: LockHolder
    private var deathFile: DeathFile
    var stopDeadline: ContinuousClock.Instant?
    private var isToldToStop = false
    var displacement: Displacement?
    private var bulletin: Bulletin
    private var clockWatch = ClockWatch()
    private let start = ContinuousClock.now
    /// Whether the spool's directories can be told by their inodes, which some network file systems number anew.
    private let canTellPlace: Bool

    /// Keeps the noncopyable lock for as long as the daemon lives.
    private final class LockHolder {
        let lock: SpoolLock

        init(_ lock: consuming SpoolLock) {
            self.lock = lock
        }
    }

    /// Takes the spool, and makes it if there is none.
    ///
    /// Blocks SIGTERM and SIGINT in the calling thread and those started after it. Throws `SpoolError` if there can be
    /// no spool or another process serves it, and `TransportError` if libcurl can't be set up.
    ///
    /// - Parameter writer: what writes the log.
    public init(_ options: Options, version: String, log: Logger, writer: LogWriter) throws {
        self.options = options
        self.version = version
        self.log = log
        self.writer = writer
        reporter = LogReporter(log: log)
        Signals.block()
        clinux_return_large_blocks()
        // Before there is a thread that opens files, or a lock that it would share.
        let guardian = options.processor.flatMap { _ in Daemon.makeGuard(log) }
        let found = try Spool.create(options.spool)
        lock = LockHolder(try SpoolLock(found, holder: SpoolLock.holderName(processID: getpid())))
        bulletin = Bulletin(version: version)
        renames = try Daemon.tryRenames(found)
        // What could not be tried for want of room is no reason not to start: each rename that is refused falls back by itself.
        spool = if case .unknown = renames { found } else { try found.moving(by: renames) }
        canTellPlace = spool.displacement() == nil
        try Daemon.checkRenames(spool)
        if options.durability == .full { try Daemon.flushLeftovers(spool) }
        // What is left over only takes room, so that a failure is none of the start's.
        if spool.keySource != .name { try? OriginalName(spool).tidy() }
        // Before anything opens sockets: libinotifytools waits with select(2) and needs a descriptor below 1024.
        (watch, watchObjection) = options.mode == .serve ? Daemon.makeWatch(spool, log) : (nil, nil)
        rescanInterval = watchObjection != nil ? min(.seconds(1), options.rescanInterval) : options.rescanInterval
        // Half the processors: this thread takes as much as a lane, and renames between two directories take turns in the
        // kernel anyway. On two, a second lane costs 12 % more processor time an invoice, at the same rate.
        let laneCount = options.lanes > 0 ? options.lanes : min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
        let budget = DescriptorBudget(limit: DescriptorBudget.raise(), lanes: laneCount)
        transport = try Transport(idleConnections: budget.idleConnections)
        mailbox = Mailbox(waker: transport.waker)
        let window = options.policy.idempotencyWindow ?? .seconds(86_400)
        lanes = try Lanes(
            spool, count: laneCount, maximumBytes: options.maximumRequestBytes,
            usesProcessor: options.processor != nil, window: window, durability: options.durability,
            batch: budget.batch, announcer: announcer, mailbox: mailbox)
        processor = options.processor.map { [spool, mailbox] in
            ProcessorRunner($0, guardian, spool: spool, mailbox: mailbox)
        }
        scanner = try Scanner(
            spool, window: window, deleteAfter: options.policy.deleteAfter, floor: options.policy.floor,
            durability: options.durability, mailbox: mailbox)
        poster = Poster(spool, transport: transport, version: version)
        deathFile = DeathFile(spool, log: log)
        var policy = options.policy
        policy.keySource = spool.keySource
        policy.retries = options.mode != .drain(waitingForRetries: false)
        policy.largestInvoice = UInt64(options.maximumRequestBytes)
        var limits = options.limits
        budget.bound(&limits)
        if budget.limit < DescriptorBudget.least { log.warning("\(budget.complaint)") }
        engine = Engine(limits: limits, policy: policy, random: SystemRandomNumberGenerator())
        try Signals.watch { [mailbox] _ in mailbox.put([.stop]) }
    }

    /// Serves until a signal comes or, as a batch job, until nothing can move.
    ///
    /// - Parameter progress: called at most ten times a second while there is work.
    public func run(progress: ((Progress) -> Void)? = nil) -> Summary {
        let clock = ContinuousClock()
        let mailbox = mailbox
        begin()
        var nextRescan = start + rescanInterval
        var nextHearing = start
        var nextProgress = start
        var nextSweep = start + .seconds(60)
        var nextTidying = start + .seconds(86_400)
        var pending = mailbox.takeAll()
        while true {
            turn(pending)
            if shouldEnd(clock.now) { break }
            // What can't be read in this moment changes without an event.
            if engine.answer(\.isBlind) { nextRescan = min(nextRescan, clock.now + .seconds(1)) }
            let news = engine.answer { bulletin.news(of: $0, now: clock.now, at: .now) }
            if let news { scanner.put(.publish(news)) }
            if clock.now >= nextRescan, options.mode == .serve {
                nextRescan = clock.now + rescanInterval
                // Without events nobody tells of a `touch`, and to look at all that waits each second would be dear.
                let isBlindToTouch = watchObjection != nil && clock.now >= nextSweep
                if isBlindToTouch { nextSweep = clock.now + .seconds(60) }
                if clock.now >= nextTidying {
                    nextTidying = clock.now + .seconds(86_400)
                    scanner.put(.tidyTmp)
                }
                mailbox.put([.rescan(includingProcessing: isBlindToTouch)])
                scanner.put(.subscriptions())
            }
            if let progress, clock.now >= nextProgress {
                nextProgress = clock.now + .milliseconds(100)
                progress(Progress(tally: engine.tally, inHand: engine.inHand))
            }
            var limit = options.mode == .serve ? nextRescan - clock.now : .seconds(1)
            if progress != nil { limit = min(limit, .milliseconds(100)) }
            let isListening = clock.now >= nextHearing || !engine.answer(\.hasPlentyToClaim)
            if !isListening { limit = min(limit, nextHearing - clock.now) }
            let posted = poster.wait(timeout(atMost: limit, clock.now), or: isListening ? watch?.descriptor : nil)
            pending = []
            if isListening, let watch {
                pending = watch.hear(scanner: scanner)
                nextHearing = clock.now + Daemon.hearingPause
            }
            pending.absorb(mailbox.takeAll())
            pending.absorb(posted)
        }
        close()
        hearOut()
        deathFile.remove()
        // Nothing tells a batch job, which would take what has gone for what is done.
        if options.mode != .serve, canTellPlace, let displacement = spool.displacement() { leave(displacement) }
        let summary = summary(clock.now - start)
        if displacement != nil, options.mode == .serve, !isToldToStop { startOver(after: clock.now - start) }
        return summary
    }

    private func begin() {
        let deaths = deathFile.begin()
        engine.recover(after: deaths)
        engine.resume(plannedFor: spool.audienceLeft())
        sayHello()
        if deaths.isCautious { sayCautious(deaths) }
        scanner.put(.health)
        scanner.put(.subscriptions())
        scanner.put(.aside)
        mailbox.put([.rescan(includingProcessing: true)])
        scanner.put(.tidyTmp)
    }

    private func turn(_ events: [Event]) {
        var actions: [Action] = []
        swap(&actions, &spareActions)
        defer { swap(&actions, &spareActions) }
        var queue = events
        repeat {
            let now = Timestamp.now
            if let shift = lookAtClock() { engine.handle(.clockSet(by: shift), at: now, into: &actions) }
            for event in queue {
                if case .stop = event { beginStop() }
                if case .displaced(let displacement) = event { leave(displacement) }
                engine.handle(event, at: now, into: &actions)
            }
            engine.advance(at: now, into: &actions)
            queue = perform(actions, now)
            actions.removeAll(keepingCapacity: true)
        } while !queue.isEmpty
    }

    /// Performs actions; returns what was answered at once.
    private func perform(_ actions: [Action], _ now: Timestamp) -> [Event] {
        var works: [LaneWork] = []
        var answers: [Event] = []
        for action in actions {
            switch action {
            case .claim(let drop, let evidence, let evenIfIncomplete):
                works.append(.claim(drop, evidence, evenIfIncomplete: evenIfIncomplete))
            case .refuse(let name, let reason): works.append(.refuse(name, because: reason))
            case .bringHome(let name): works.append(.bringHome(name))
            case .load(let key): works.append(.load(key))
            case .process(let assignment): if let answer = processor?.start(assignment) { answers.append(answer) }
            case .complete(let completion): works.append(.complete(completion))
            case .record(let record): works.append(.record(record))
            case .post(let post): if let answer = poster.start(post, now: now) { answers.append(answer) }
            case .scanIncoming(let fromStart): scanner.put(.incoming(fromStart: fromStart))
            case .listAside: scanner.put(.aside)
            case .sweepProcessing(let fromStart): scanner.put(.processing(fromStart: fromStart))
            case .scanDone(let fromStart): scanner.put(.done(fromStart: fromStart))
            case .archive(let key): works.append(.archive(key))
            case .announceFailures(let isHeard): announcer.announcesFailures = isHeard
            case .disable(let disabling): scanner.put(.disable(disabling))
            case .keepHealth(let name, let health): scanner.put(.keepHealth(name, health))
            case .deleteArchived(let fromStart): scanner.put(.deleteArchived(fromStart: fromStart))
            case .suspect(let subject, let deaths): deathFile.note(subject, deaths: deaths)
            case .buryUnread(let suspect): works.append(.buryUnread(suspect))
            case .forgetDeaths: deathFile.remove()
            case .lookAround: scanner.put(.lookAround)
            case .noteAudience(let audience): note(audience)
            case .report(let report): reporter.say(report)
            }
        }
        lanes.put(works)
        return answers
    }

    /// Where it can't be written down, the next start plans everything anew. Where it can't be forgotten, that start may take
    /// some requests for planned that are not, which are planned when they are due.
    private func note(_ audience: String?) {
        try? audience.map { audience throws(Errno) in try spool.write(audience: audience) }
            ?? spool.forgetAudience(durably: options.durability == .full)
    }

    private func timeout(atMost limit: Duration, _ now: ContinuousClock.Instant) -> Duration {
        var limit = max(limit, .zero)
        let wall = Timestamp.now
        if let deadline = engine.answer({ $0.nextDeadline(at: wall) }) {
            limit = min(limit, max(deadline - wall, .zero))
        }
        if let stopDeadline { limit = min(limit, max(stopDeadline - now, .zero)) }
        if let due = bulletin.due { limit = min(limit, max(due - now, .zero)) }
        return limit
    }

    /// How far the wall clock was set since the last turn.
    private func lookAtClock() -> Duration? {
        let before = ContinuousClock.now
        let wall = Timestamp.now
        // A pause of this process between the two looks is no change of the clock.
        guard ContinuousClock.now - before < .milliseconds(100) else { return nil }
        return clockWatch.look(wall: wall, steady: before - start)
    }

    private func beginStop() {
        isToldToStop = true
        guard stopDeadline == nil else { return }
        log.notice("stopping: finishing the attempts under way, \(options.shutdownTimeout.text) at most")
        stopDeadline = ContinuousClock.now + options.shutdownTimeout
    }

    private func shouldEnd(_ now: ContinuousClock.Instant) -> Bool {
        if let stopDeadline { return engine.answer(\.isStopped) || now >= stopDeadline }
        guard options.mode != .serve else { return false }
        return engine.answer { $0.isBlind || $0.isStuck || $0.hasBegun && $0.isAtRest }
    }

    private func close() {
        watch?.close()
        endPrograms()
        transport.cancelAll()
        lanes.close()
        scanner.close()
    }

    /// What the programs say at their end counts, and is still written down by the lanes.
    private func endPrograms() {
        guard let processor else { return }
        let count = processor.count
        if count > 0 { log.notice("ending the processor, which is still running for \(count) invoices") }
        processor.close()
        turn(mailbox.takeAll())
    }

    /// What the lanes finished while they were being closed has happened: it is reported and counted.
    private func hearOut() {
        var actions: [Action] = []
        for event in mailbox.takeAll() { engine.handle(event, at: .now, into: &actions) }
        for case .report(let report) in actions { reporter.say(report) }
        if stopDeadline != nil, displacement == nil || isToldToStop { log.notice("stopped") }
    }

    private func summary(_ elapsed: Duration) -> Summary {
        // A service is told to end and waited for: a million names would take it a second.
        let counts = options.mode != .serve
        let incomplete = engine.incompleteDrops
        let drops = counts ? count(spool.incoming) { isDrop($0) } : 0
        return Summary(
            tally: engine.tally, waiting: counts ? count(spool.processing) { DropName.key(ofRequest: $0) != nil } : 0,
            unclaimed: max(0, drops - incomplete), incomplete: incomplete, elapsed: elapsed, wasBlind: engine.isBlind,
            wasStuck: engine.isStuck, wasDisplaced: displacement != nil, wasToldToStop: isToldToStop)
    }

    private func isDrop(_ name: Span<UInt8>) -> Bool {
        Drop(incoming: String(decoding: name.indices.map { name[$0] }, as: UTF8.self), spool.keySource) != nil
    }

    private func count(_ directory: Directory, where isMeant: (Span<UInt8>) -> Bool) -> Int {
        var count = 0
        try? directory.forEachName { name, _ in count += isMeant(name) ? 1 : 0 }
        return count
    }

    /// The gist of `check` in one line: what outlives what, what keeps one file from replacing another, and how changes are
    /// heard of.
    private func sayHello() {
        let watching =
            switch (options.mode, watchObjection) {
            case (.drain, _): "working off what is there"
            case (.serve, nil): "watching by inotify"
            case (.serve, let objection?): "polling every \(rescanInterval.text) (\(objection))"
            }
        let protection =
            switch renames {
            case .links: "by link, since this file system has no RENAME_NOREPLACE"
            case .unknown(let reason): "by renameat2, or by link where that is refused (\(reason))"
            case .atomic, .none: "by renameat2"
            }
        log.notice(
            "ready: billhook \(version), spool \(spool.path), durability \(options.durability), names protected \(protection), \(watching)"
        )
    }

    private func sayCautious(_ deaths: Deaths) {
        let first =
            switch deaths.suspect {
            case nil: ""
            case let suspect? where suspect.isCondemned: ", and \(suspect.path) is buried unread"
            case let suspect?: ", \(suspect.path) first, which was being read when it ended last"
            }
        log.warning(
            "ended \(deaths.count) times in a row before all that stands here had been taken up, so one file is taken up at a time until it has\(first)"
        )
    }
}
