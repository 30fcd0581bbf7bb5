internal import Deliver
public import Engine
internal import Files
internal import Glibc
public import Logging
internal import Spool
internal import SystemPackage
internal import Times
internal import Transport
internal import Watch

/// Serves one spool: the shell around the engine that performs what it decides.
///
/// One thread decides and drives libcurl; a few lanes write and rename; one reads directories; one listens to inotify.
/// None of them holds anything that is not in the spool, so that it may be killed at any moment.
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
        /// Requests that still stand in processing/.
        public let waiting: Int
        /// Drops left in incoming/: cut off, or still being written.
        public let incomplete: Int
        public let elapsed: Duration
        /// Subscriptions/ could not be read, so nothing was claimed.
        public let wasBlind: Bool
    }

    private let options: Options
    private let spool: Spool
    private let log: Logger
    private let reporter: LogReporter
    private let version: String
    private var engine: Engine
    private let poster: Poster
    private let transport: Transport
    private let mailbox: Mailbox
    private let lanes: Lanes
    private let scanner: Scanner
    private let watch: SpoolWatch?
    private let watchThread: Thread?
    private let announcer = Announcer()
    private let rescanInterval: Duration
    private let lock: LockHolder
    private var stopDeadline: ContinuousClock.Instant?

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
    public init(_ options: Options, version: String, log: Logger) throws {
        self.options = options
        self.version = version
        self.log = log
        reporter = LogReporter(log: log)
        Signals.block()
        spool = try Spool.create(options.spool)
        lock = LockHolder(try SpoolLock(spool, holder: "process \(getpid())"))
        try Daemon.checkRenames(spool)
        // Before anything opens sockets: libinotifytools waits with select(2) and needs a descriptor below 1024.
        watch = options.mode == .serve ? Daemon.makeWatch(spool, log) : nil
        let polls = options.mode == .serve && (watch?.objection != nil || watch == nil)
        rescanInterval = polls ? min(.seconds(1), options.rescanInterval) : options.rescanInterval
        Daemon.raiseDescriptorLimit()
        transport = try Transport(idleConnections: 512)
        mailbox = Mailbox(waker: transport.waker)
        let window = options.policy.idempotencyWindow ?? .seconds(86_400)
        lanes = Lanes(
            spool, count: options.lanes > 0 ? options.lanes : min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            maximumBytes: options.maximumRequestBytes, window: window,
            durability: options.durability, announcer: announcer, mailbox: mailbox)
        scanner = Scanner(spool, window: window, durability: options.durability, mailbox: mailbox)
        watchThread = watch?.start(mailbox: mailbox, scanner: scanner)
        poster = Poster(spool, transport: transport, version: version)
        var policy = options.policy
        policy.retries = options.mode != .drain(waitingForRetries: false)
        engine = Engine(limits: options.limits, policy: policy, random: SystemRandomNumberGenerator())
    }

    /// Serves until a signal comes or, as a batch job, until nothing can move.
    ///
    /// - Parameter progress: called at most ten times a second while there is work.
    public func run(progress: ((Progress) -> Void)? = nil) -> Summary {
        let clock = ContinuousClock()
        let start = clock.now
        let mailbox = mailbox
        Signals.watch { _ in mailbox.put([.stop]) }
        begin()
        var nextRescan = start + rescanInterval
        var nextProgress = start
        var pending = mailbox.takeAll()
        while true {
            turn(pending)
            if shouldEnd(clock.now) { break }
            if clock.now >= nextRescan, options.mode == .serve {
                nextRescan = clock.now + rescanInterval
                mailbox.put([.rescan(includingProcessing: false)])
                scanner.put(.subscriptions)
            }
            if let progress, clock.now >= nextProgress {
                nextProgress = clock.now + .milliseconds(100)
                progress(Progress(tally: engine.tally, inHand: engine.inHand))
            }
            var limit = options.mode == .serve ? nextRescan - clock.now : .seconds(1)
            if progress != nil { limit = min(limit, .milliseconds(100)) }
            let posted = poster.wait(timeout(atMost: limit, clock.now))
            pending = mailbox.takeAll() + posted
        }
        close()
        hearOut()
        return summary(clock.now - start)
    }

    private func begin() {
        sayHello()
        scanner.put(.health)
        scanner.put(.subscriptions)
        scanner.put(.aside)
        mailbox.put([.rescan(includingProcessing: true)])
        scanner.put(.tidyTmp)
    }

    private func turn(_ events: [Event]) {
        var actions: [Action] = []
        var queue = events
        repeat {
            let now = Timestamp.now
            for event in queue {
                if case .stop = event { beginStop() }
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
            case .report(let report): reporter.say(report)
            }
        }
        lanes.put(works)
        return answers
    }

    private func timeout(atMost limit: Duration, _ now: ContinuousClock.Instant) -> Duration {
        var limit = max(limit, .zero)
        let wall = Timestamp.now
        if let deadline = engine.nextDeadline(at: wall) { limit = min(limit, max(deadline - wall, .zero)) }
        if let stopDeadline { limit = min(limit, max(stopDeadline - now, .zero)) }
        return limit
    }

    private func beginStop() {
        guard stopDeadline == nil else { return }
        log.notice("stopping: finishing the attempts under way, \(options.shutdownTimeout.text) at most")
        stopDeadline = ContinuousClock.now + options.shutdownTimeout
    }

    private func shouldEnd(_ now: ContinuousClock.Instant) -> Bool {
        if let stopDeadline { return engine.isStopped || now >= stopDeadline }
        return options.mode != .serve && (engine.isBlind || engine.hasBegun && engine.isAtRest)
    }

    private func close() {
        watch?.close()
        watchThread?.join()
        transport.cancelAll()
        lanes.close()
        scanner.close()
    }

    /// What the lanes finished while they were being closed has happened: it is reported and counted.
    private func hearOut() {
        var actions: [Action] = []
        for event in mailbox.takeAll() { engine.handle(event, at: .now, into: &actions) }
        for case .report(let report) in actions { reporter.say(report) }
        if stopDeadline != nil { log.notice("stopped") }
    }

    private func summary(_ elapsed: Duration) -> Summary {
        var waiting = 0
        if let scan = try? DirectoryScan(spool.processing) {
            while let names = try? scan.next(1024), !names.isEmpty {
                for name in names { if case .request = DropName(name) { waiting += 1 } }
            }
        }
        return Summary(
            tally: engine.tally, waiting: waiting, incomplete: engine.incompleteDrops, elapsed: elapsed,
            wasBlind: engine.isBlind)
    }

    private func sayHello() {
        let watching =
            switch (options.mode, watch) {
            case (.drain, _): "working off what is there"
            case (.serve, nil): "polling every \(rescanInterval.text) (no inotify)"
            case (.serve, let watch?):
                watch.objection.map { "polling every \(rescanInterval.text) (\($0))" } ?? "watching by inotify"
            }
        log.notice("ready: billhook \(version), spool \(spool.path), durability \(options.durability), \(watching)")
    }

    // MARK: Setting up

    private static func makeWatch(_ spool: Spool, _ log: Logger) -> SpoolWatch? {
        do throws(WatchError) {
            return try SpoolWatch(spool)
        } catch {
            log.warning("no inotify, so the spool is polled: \(error)")
            return nil
        }
    }

    /// Two bind mounts of one file system look alike and refuse renames all the same, so a real one is tried.
    private static func checkRenames(_ spool: Spool) throws {
        // One name for ever, so that what a crash leaves of it goes at the next start: the lock is held by now.
        let name = ".billhook-rename"
        for state in State.allCases {
            do throws(Errno) {
                try spool.directory(state).remove(name)
                try spool.own.write(name, [], durably: false)
                defer { _ = try? spool.own.remove(name) }
                if try spool.own.move(name, to: spool.directory(state), as: name) {
                    try spool.directory(state).remove(name)
                }
            } catch .improperLink {
                throw SpoolError.severalFileSystems(spool.path, name: state.rawValue)
            } catch {
                throw SpoolError.directory(spool.path, name: state.rawValue, error)
            }
        }
    }

    /// As many descriptors as the system allows: each call under way takes one.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
