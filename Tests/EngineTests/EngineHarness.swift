import Claim
import Deliver
import Files
import Process
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

/// Plays the shell around an engine: a spool in memory, receivers that answer by script, and a clock that jumps to
/// whatever comes next.
final class EngineHarness {
    struct Call: Equatable {
        let key: Key
        let subscription: String
        let attempt: Int
        let at: Timestamp
        var event = EventBody.invoiceProcessed
    }

    /// What a receiver does with a call: answers after a while, or hangs.
    enum Reply {
        case answer(Int, after: Duration)
        case asksToWait(Int, Duration)
        case hang
        /// With a `webhook-delivery` header.
        case instruct(DeliveryInstruction, Int)
        /// There is no answer.
        case failure(DeliveryFailure)
        /// It is not sent at all: no descriptor is left.
        case unsent

        static let ok = Reply.answer(200, after: .milliseconds(1))
        static let fails = Reply.answer(500, after: .milliseconds(1))
    }

    var engine: Engine
    var spool = FakeSpool()
    var now = noon
    var snapshot = Roster.Snapshot()
    var receivers: [String: (Call) -> Reply] = [:]
    /// What the processor makes of a request, and how long it takes; `nil` goes on until it is ended.
    var program: (Assignment) -> (ProcessorOutcome, after: Duration)? = { _ in (.done(result: nil), .milliseconds(1)) }
    /// The keys for which the processor was run, each time.
    private(set) var runs: [Key] = []
    private(set) var running: Set<Key> = []
    private(set) var mostRunning = 0
    /// What the file system says to a transition; `nil` lets it happen.
    var refusal: (Action) -> Errno? = { _ in nil }
    /// What the disk says when it is looked at.
    var room: DiskRoom?
    /// Directories that take no more names.
    var crowded: Set<State> = []
    private(set) var looks = 0
    var batch = 512
    /// What the next steps of deleting from the archive come to; nothing is left to be deleted after them.
    var deletions: [Result<DeletionStep?, Errno>] = []
    /// Files over which the process dies, by their names in incoming/ or processing/.
    var poisons: Set<String> = []
    private(set) var isDead = false
    /// What `.billhook/deaths` holds.
    private(set) var deaths: [UInt8]? = Deaths(count: 0).encoded()
    /// What `.billhook/audience` holds.
    private(set) var audience: String?
    /// What was taken up, in this life and in those before.
    private(set) var taken: [String] = []
    private(set) var burials: [String] = []
    /// The most that was under way at once while one file at a time was to be taken up.
    private(set) var mostAtOnce = 0

    private(set) var calls: [Call] = []
    private(set) var reports: [Report] = []
    private(set) var claims: [String] = []
    private(set) var refusals: [String] = []
    private(set) var sweeps = 0
    private(set) var deletionSteps = 0
    private(set) var loads = 0
    private(set) var mostJobs = 0
    private(set) var mostPosts = 0
    var hanging: [UInt64: Call] = [:]
    var mail: [Event] = []
    var answers: [(at: Timestamp, event: Event)] = []
    /// Requests that take a second to be read.
    var slowLoads: Set<String> = []
    private var idleTurns = 0

    /// What is written down about failing subscriptions.
    private(set) var keptHealth: [String: SubscriptionHealth] = [:]
    /// How often a `.disabled` file was written.
    private(set) var disablings: [Disabling] = []

    let limits: Engine.Limits
    let policy: Engine.Policy
    let seed: UInt64

    init(limits: Engine.Limits = .init(), policy: Engine.Policy = .init(), seed: UInt64 = 1, archives: Bool = false) {
        self.limits = limits
        var policy = policy
        // The walk over done/ comes round for ever; the stories about it ask for it.
        if !archives { policy.idempotencyWindow = nil }
        self.policy = policy
        self.seed = seed
        engine = Engine(limits: limits, policy: policy, random: SeededGenerator(seed: seed))
    }

    /// The process dies: all that was under way is forgotten, and another one begins over the same spool.
    func crash() {
        engine = Engine(limits: limits, policy: policy, random: SeededGenerator(seed: seed &+ UInt64(calls.count)))
        answers = []
        running = []
        hanging = [:]
        spool.announcesFailures = false
        mail = [.health(keptHealth), .subscriptions(snapshot), .rescan(includingProcessing: true)]
        idleTurns = 0
        isDead = false
        beginLife()
    }

    /// Lets the calls that hang end.
    func endHanging(_ name: String, _ result: AttemptResult = .failure(.timeout)) {
        for (id, call) in hanging.sorted(by: { $0.key < $1.key }) where call.subscription == name {
            hanging[id] = nil
            mail.append(.posted(id: id, result, startedAt: call.at, duration: now - call.at))
        }
    }

    // MARK: Running

    /// Lets things happen until nothing more does before a moment, and moves the clock there.
    func run(until end: Timestamp) {
        while !isDead, step(until: end) {}
        now = max(now, end)
    }

    /// Lets things happen until nothing moves by itself, or a month has gone.
    func run() {
        let end = now + .seconds(30 * 86_400)
        while !isDead, step(until: end) {}
    }

    /// Lets happen what happens now; the clock stays.
    func turn() {
        while !mail.isEmpty { once() }
    }

    /// One turn, or a jump of the clock to what comes next; `false` if nothing comes before `end`.
    @discardableResult
    func step(until end: Timestamp) -> Bool {
        if once() || !mail.isEmpty {
            idleTurns = 0
            return true
        }
        guard let next = [answers.first?.at, engine.nextDeadline(at: now)].compactMap({ $0 }).min(), next <= end else {
            return false
        }
        idleTurns = next <= now ? idleTurns + 1 : 0
        guard idleTurns < 3 else {
            Issue.record("the engine spins: its deadline is \(now - next) ago, and there is nothing to do")
            return false
        }
        now = max(now, next)
        while let first = answers.first, first.at <= now {
            mail.append(first.event)
            answers.removeFirst()
        }
        return true
    }

    /// Hands over the mail and performs what the engine asks for; whether it asked for anything.
    @discardableResult
    func once() -> Bool {
        let events = mail
        mail = []
        for case .processed(let key, _) in events { running.remove(key) }
        var actions: [Action] = []
        for event in events { engine.handle(event, at: now, into: &actions) }
        engine.advance(at: now, into: &actions)
        mostJobs = max(mostJobs, engine.jobs.count)
        mostPosts = max(mostPosts, engine.posts.count)
        if engine.recovery.isCautious { mostAtOnce = max(mostAtOnce, engine.recovery.open.count) }
        for action in actions where !isDead {
            perform(action)
            // What was raised is told of before the answer to what raised it.
            mail.insert(contentsOf: spool.takeRaised(), at: mail.isEmpty ? 0 : mail.count - 1)
        }
        return !actions.isEmpty
    }

    private func perform(_ action: Action) {
        let code = refusal(action)
        if let name = name(takenUpBy: action) {
            taken.append(name)
            isDead = poisons.contains(name) && spool.stands(name)
            if isDead { return }
        }
        switch action {
        case .claim(let drop, let evidence, let even):
            claims.append(drop.name)
            mail.append(.claimed(drop, outcome(code) { spool.claim(drop, evidence: evidence, even: even, now: now) }))
        case .refuse(let name, let reason):
            let text = String(decoding: name, as: UTF8.self)
            refusals.append(text)
            if code == nil { spool.incoming[text] = nil }
            mail.append(.refused(name, because: reason, outcome(code) { "refused-00000000" }))
        case .load(let key):
            loads += 1
            let event = Event.loaded(key, outcome(code) { spool.load(key, now: now) })
            if slowLoads.contains(key.name) { answers.append((now + .seconds(1), event)) } else { mail.append(event) }
        case .process(let assignment): run(assignment)
        case .complete(let completion):
            mail.append(.completed(completion.key, outcome(code) { spool.complete(completion, now: now) }))
        case .record(let record):
            mail.append(
                .recorded(
                    record,
                    outcome(code) {
                        for draft in record.raising { spool.raise(draft, now: now) }
                        return settle(record)
                    }))
        case .post(let post): call(post)
        case .scanIncoming(let fromStart):
            mail.append(
                code.map { .scanned(.failure($0), isLast: true) } ?? spool.scan(fromStart: fromStart, batch: batch))
        case .sweepProcessing(let fromStart):
            sweeps += fromStart ? 1 : 0
            mail.append(
                code.map { .swept(.failure($0), isLast: true) } ?? spool.sweep(fromStart: fromStart, batch: batch))
        case .listAside, .archive: break
        case .deleteArchived:
            deletionSteps += 1
            mail.append(.deleted(deletions.isEmpty ? .success(nil) : deletions.removeFirst()))
        case .suspect(let subject, let count): note(subject, count)
        case .buryUnread(let suspect): bury(suspect, code)
        case .forgetDeaths: deaths = nil
        case .noteAudience(let mark): audience = mark
        case .bringHome(let name): mail.append(.broughtHome(name, isLeft: false))
        case .announceFailures(let isHeard): spool.announcesFailures = isHeard
        case .disable(let disabling):
            if code == nil {
                disablings.append(disabling)
                snapshot.disabled.insert(disabling.subscription)
            }
            mail += [.disabled(disabling.subscription, code), .subscriptions(snapshot)]
        case .keepHealth(let name, let health): keptHealth[name] = health
        case .lookAround:
            looks += 1
            mail.append(.room(room))
        case .scanDone: mail.append(.expired(outcome(code) { [] }, isLast: true))
        case .report(let report): reports.append(report)
        }
    }

    // MARK: Deaths

    /// A clean end.
    func end() { deaths = nil }

    private func beginLife() {
        let left = Deaths.following(deaths)
        let suspect = left.suspect.flatMap(locate)
        engine.recover(after: Deaths(count: left.count, suspect: suspect))
        engine.resume(plannedFor: audience)
        let isCondemned = suspect?.isCondemned ?? false
        deaths = Deaths(count: left.count, suspect: isCondemned ? suspect : nil).encoded()
    }

    private func locate(_ suspect: Suspect) -> Suspect? {
        let name = String(decoding: suspect.name, as: UTF8.self)
        let isHere = suspect.place == .incoming && spool.incoming[name] != nil
        let isClaimed = suspect.key.map { spool.processing.contains($0) } ?? false
        guard isHere || isClaimed else { return nil }
        return Suspect(
            place: isHere ? .incoming : .processing, name: suspect.name, mark: suspect.mark, deaths: suspect.deaths)
    }

    private func note(_ subject: Subject?, _ count: Int) {
        let standing = deaths.flatMap { Deaths($0) }?.count ?? 0
        let suspect = subject.map {
            Suspect(
                place: $0.place, name: $0.name, mark: Suspect.Mark(inode: 1, size: 1, modified: noon), deaths: count)
        }
        deaths = Deaths(count: standing, suspect: suspect).encoded()
    }

    private func bury(_ suspect: Suspect, _ code: Errno?) {
        let name = String(decoding: suspect.name, as: UTF8.self)
        if code == nil {
            burials.append(name)
            spool.buryUnread(suspect)
        }
        mail.append(.buriedUnread(suspect, outcome(code) { .buried(fileName: name, .make(now)) }))
    }

    private func name(takenUpBy action: Action) -> String? {
        switch action {
        case .claim(let drop, _, _): drop.name
        case .load(let key): key.fileName.text
        case .refuse(let name, _): String(decoding: name, as: UTF8.self)
        default: nil
        }
    }

    private func settle(_ record: Record) -> RecordResult {
        let state: State? =
            switch record.ending {
            case .done?: .done
            case .dead?: .dead
            case nil: nil
            }
        guard let state, crowded.contains(state) else { return spool.record(record, now: now) }
        _ = spool.record(record.withoutEnding, now: now)
        return .crowded(state)
    }

    private func outcome<Value>(_ code: Errno?, _ perform: () -> Value) -> Result<Value, Errno> {
        if let code { .failure(code) } else { .success(perform()) }
    }

    private func run(_ assignment: Assignment) {
        let key = assignment.key
        guard spool.processing.contains(key) else { return mail.append(.processed(key, nil)) }
        runs.append(key)
        running.insert(key)
        mostRunning = max(mostRunning, running.count)
        if let (outcome, wait) = program(assignment) { answer(.processed(key, outcome), after: wait) }
    }

    /// Lets a program end that goes on.
    func endProgram(_ name: String, _ outcome: ProcessorOutcome) {
        mail.append(.processed(.make(name), outcome))
    }

    private func answer(_ event: Event, after wait: Duration) {
        let place = answers.lastIndex { $0.at <= now + wait }.map { $0 + 1 } ?? 0
        answers.insert((now + wait, event), at: place)
    }

    private func call(_ post: Post) {
        if post.afterWaiting, !spool.processing.contains(post.key) { return mail.append(.gone(id: post.id)) }
        let call = Call(
            key: post.key, subscription: post.subscription.name, attempt: post.attempt, at: now, event: post.event)
        calls.append(call)
        switch receivers[call.subscription]?(call) ?? .ok {
        case .hang: hanging[post.id] = call
        case .unsent: mail.append(.unposted(id: post.id, .tooManyOpenFiles))
        case .answer(let status, let wait):
            answer(post, .answer(status: status, retryAfter: nil, head: []), after: wait)
        case .asksToWait(let status, let pause):
            answer(post, .answer(status: status, retryAfter: pause, head: []), after: .milliseconds(1))
        case .failure(let failure): answer(post, .failure(failure), after: .milliseconds(1))
        case .instruct(let instruction, let status):
            answer(post, .instructed(instruction, status: status, head: []), after: .milliseconds(1))
        }
    }

    private func answer(_ post: Post, _ result: AttemptResult, after wait: Duration) {
        let event = Event.posted(id: post.id, result, startedAt: now, duration: wait)
        let place = answers.lastIndex { $0.at <= now + wait }.map { $0 + 1 } ?? 0
        answers.insert((now + wait, event), at: place)
    }

    // MARK: Looking

    func calls(to name: String) -> [Call] { calls.filter { $0.subscription == name } }

    /// When a subscriber was called, in whole seconds after noon.
    func seconds(of name: String) -> [Int] { calls(to: name).map { Int(($0.at - noon) / .seconds(1)) } }

    func count(_ matches: (Report) -> Bool) -> Int { reports.count(where: matches) }

    /// What a subscriber was told, by the events' names.
    func events(to name: String) -> [String] { calls(to: name).map(\.event) }

    func state(of name: String) -> State? { spool.state(of: .make(name)) }

    /// What the engine still holds that it should not when all is done.
    var leftovers: [String] {
        let busy = engine.outlets.values.filter { !$0.queue.isEmpty || $0.inFlight != 0 }
        let strangers = engine.outlets.keys.filter { engine.roster.members[$0] == nil }
        // What was sent back for one that is disabled has ended since; enabling it sweeps once more.
        let overflowed = engine.overflowed.filter { !engine.isDisabled($0) }
        let inLine = engine.line.filter { !$0.queue.isEmpty }
        let counts: [(String, Int)] = [
            ("jobs", engine.jobs.count), ("posts", engine.posts.count), ("claiming", engine.intake.claiming.count),
            ("pending", engine.intake.pending.count), ("queue", engine.intake.queue.count),
            ("loads", engine.loads.count), ("line", inLine.count), ("overflowed", overflowed.count),
            ("records", engine.trouble.records.count), ("window", engine.window.count), ("outlets", busy.count),
            ("strangers", strangers.count), ("ordered", engine.books.values.map(\.leaders.count).reduce(0, +)),
            ("processor", engine.processor.count),
            ("sweep", engine.sweep.isAtRest ? 0 : 1),
        ]
        return counts.filter { $0.1 != 0 }.map { "\($0.0): \($0.1)" }
    }
}
