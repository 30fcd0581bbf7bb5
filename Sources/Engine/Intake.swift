internal import Claim
internal import DequeModule
internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// The drops in incoming/: those to be claimed next, and those that wait for their writer.
///
/// Events are a wake-up that may be lost, the scan is the truth: what does not fit here is left where it is, and one
/// more scan finds it.
struct Intake {
    enum Candidate {
        case drop(Drop, Claimer.Evidence, evenIfIncomplete: Bool)
        case refused([UInt8], because: String)
        case sidecar(String)
    }

    /// A drop that was left in incoming/, and why.
    struct Pending {
        enum Reason: Equatable {
            case incomplete, beingWritten
            case unsettled(FileSnapshot)
            /// The file system refuses this one file.
            case refusedByFile
        }

        /// A drop that ends too early, as it was when it was last read.
        struct CutOff {
            let since: Timestamp
            let snapshot: FileSnapshot
        }

        let reason: Reason
        let since: Timestamp
        /// When it is looked at again without an event.
        var lookAgainAt: Timestamp?
        /// `nil` if it has not been read yet.
        let cutOff: CutOff?
    }

    var queue: Deque<Candidate> = []
    /// Claims under way, by the drop's name; `true` if the name came up again meanwhile.
    var claiming: [String: Bool] = [:]
    /// Refusals under way, and looks at sidecars.
    var refusing = 0
    var pending = PendingDrops()
    /// Names that are no request's and can't be moved out of incoming/ either: reported once, and left.
    var immovable: Set<[UInt8]> = []
    /// Sidecars that wait for their request to come to rest, and when they are looked at again.
    var strays: Set<String> = []
    var strayLook: Timestamp?
    /// When aside/ is read: a drop that somebody began to write while it was being compared was left there.
    var asideLook: Timestamp?

    /// A scan is under way, or to begin.
    var isScanning = false
    var scanFromStart = false
    var isReading = false
    /// What the scan under way may have missed calls for one more.
    var scanAgain = false
    /// What stands in aside/ and is queued: a disk that refuses work has aside/ listed every second.
    var leftAside: Set<String> = []

    /// A drop that only has to be quiet for a moment is still to be claimed; one whose writer is at work is left.
    var isAtRest: Bool {
        queue.isEmpty && claiming.isEmpty && refusing == 0 && !isScanning && pending.unsettled == 0
    }

    var nextPending: Timestamp? {
        [pending.next, strayLook, asideLook].compactMap { $0 }.min()
    }

    static let longestPause = Duration.seconds(60)

    mutating func beginScan() {
        if isScanning {
            scanAgain = true
        } else {
            isScanning = true
            scanFromStart = true
        }
    }

    mutating func stop() {
        queue.removeAll()
        leftAside.removeAll()
        isScanning = false
    }
}

extension Engine {
    mutating func dropped(_ name: [UInt8], isSettled: Bool, _ actions: inout [Action]) {
        guard intake.queue.count < limits.drops else { return intake.beginScan() }
        // Another file has come under the name of one that is left alone.
        if !recovery.banned.isEmpty, let subject = Subject(.incoming, name) { recovery.banned.remove(subject) }
        enqueue(name, isSettled ? .settled : .seen)
    }

    mutating func rescan(includingProcessing: Bool) {
        intake.beginScan()
        lookForObstacles()
        stock.wantsLook = true
        if includingProcessing { sweep.begin(.find) }
    }

    /// A crash left a drop aside, where it was being compared: it is claimed from there.
    mutating func leftAside(_ name: [UInt8]) {
        guard let drop = Drop(aside: String(decoding: name, as: UTF8.self)) else { return }
        if drop.isUnkeyed, policy.keySource == .name { return }
        guard intake.leftAside.insert(drop.name).inserted else { return }
        intake.queue.append(.drop(drop, .seen, evenIfIncomplete: true))
    }

    mutating func scanned(
        _ result: Result<[[UInt8]], Errno>, isLast: Bool, at now: Timestamp, _ actions: inout [Action]
    ) {
        intake.isReading = false
        switch result {
        case .success(let names): for name in names { enqueue(name, .seen) }
        case .failure(let code): return suffer(nil, code, at: now, &actions)
        }
        guard isLast else { return }
        intake.isScanning = intake.scanAgain
        intake.scanFromStart = intake.scanAgain
        intake.scanAgain = false
    }

    private mutating func enqueue(_ name: [UInt8], _ evidence: Claimer.Evidence) {
        let text = String(decoding: name, as: UTF8.self)
        if policy.keySource.derivesKey(ofFile: name) {
            return enqueue(Drop(incoming: text, policy.keySource), evidence)
        }
        let kind = DropName(name)
        switch kind {
        case .request, .conflict: enqueue(Drop(incoming: text, is: kind, policy.keySource), evidence)
        case .refused where evidence == .seen && intake.immovable.contains(name): break
        case .refused(let reason): intake.queue.append(.refused(name, because: reason))
        case .sidecar: intake.queue.append(.sidecar(text))
        case .unfinished: break
        }
    }

    private mutating func enqueue(_ drop: Drop?, _ evidence: Claimer.Evidence) {
        guard let drop else { return }
        if intake.claiming[drop.name] != nil {
            intake.claiming[drop.name] = true
        } else if evidence == .seen, let pending = intake.pending[drop] {
            // It is known and waits for its writer. Where no event tells of the rest, its size and times do.
            guard pending.reason == .incomplete, let cutOff = pending.cutOff else { return }
            intake.queue.append(.drop(drop, .changed(since: cutOff.snapshot), evenIfIncomplete: false))
        } else {
            intake.queue.append(.drop(drop, evidence, evenIfIncomplete: false))
        }
    }

    /// Whether another drop may be claimed now.
    private func hasRoomForClaims(at now: Timestamp) -> Bool {
        mayTakeUp && knowsAudience && !trouble.isStanding && stock.admitsClaim(at: now)
            && intake.claiming.count + intake.refusing < limits.claims
            && jobs.count + intake.claiming.count < limits.jobs && processor.waiting.count < limits.jobs
    }

    mutating func advanceIntake(at now: Timestamp, _ actions: inout [Action]) {
        lookAgain(at: now, &actions)
        while hasRoomForClaims(at: now), let candidate = intake.queue.popFirst() {
            if isBanned(Subject(candidate)) { continue }
            switch candidate {
            case .drop(let drop, let evidence, let evenIfIncomplete):
                if drop.place == .aside { intake.leftAside.remove(drop.name) }
                if intake.claiming.updateValue(false, forKey: drop.name) != nil {
                    intake.claiming[drop.name] = true
                    continue
                }
                takeUp(.drop(drop), &actions)
                stock.claimed()
                actions.append(.claim(drop, evidence, evenIfIncomplete: evenIfIncomplete))
            case .refused(let name, let reason):
                intake.refusing += 1
                takeUp(.refused(name), &actions)
                stock.claimed()
                actions.append(.refuse(name, because: reason))
            case .sidecar(let name):
                intake.refusing += 1
                takeUp(.sidecar(name), &actions)
                actions.append(.bringHome(name))
            }
        }
        if intake.isScanning, !intake.isReading, knowsAudience, !trouble.isStanding, intake.queue.count < limits.claims
        {
            intake.isReading = true
            actions.append(.scanIncoming(fromStart: intake.scanFromStart))
            intake.scanFromStart = false
        }
    }

    /// Looks again at the drops whose wait is over.
    private mutating func lookAgain(at now: Timestamp, _ actions: inout [Action]) {
        guard let next = intake.nextPending, next <= now else { return }
        if let asideLook = intake.asideLook, asideLook <= now {
            intake.asideLook = nil
            actions.append(.listAside)
        }
        if let strayLook = intake.strayLook, strayLook <= now {
            for name in intake.strays { intake.queue.append(.sidecar(name)) }
            intake.strays.removeAll()
            intake.strayLook = nil
        }
        while let (drop, pending) = intake.pending.popDue(at: now) {
            guard intake.claiming[drop.name] == nil else { continue }
            switch pending.reason {
            case .unsettled(let snapshot):
                intake.queue.append(.drop(drop, .quiet(since: snapshot), evenIfIncomplete: false))
            case .incomplete:
                let since = pending.cutOff?.since ?? pending.since
                intake.queue.append(.drop(drop, .settled, evenIfIncomplete: since + policy.incompleteAfter <= now))
            case .beingWritten, .refusedByFile:
                intake.queue.append(.drop(drop, .seen, evenIfIncomplete: false))
            }
        }
    }

    mutating func claimed(
        _ drop: Drop, _ result: Result<ClaimResult, Errno>, at now: Timestamp, _ actions: inout [Action]
    ) {
        let cameAgain = intake.claiming.removeValue(forKey: drop.name) ?? false
        let known = intake.pending.remove(drop)
        switch result {
        // While the whole spool refuses work for the same reason, it is no matter of one file.
        case .failure(let code) where code.concernsOneFile && trouble.code != code:
            if known?.reason != .refusedByFile { actions.append(.report(.unclaimableDrop(drop.label, code))) }
            waitLonger(drop, .refusedByFile, known, at: now)
            lookAfter(drop, at: now)
        case .failure(let code):
            // It may have come as far as processing/, and one that was set aside is not met by a scan.
            lookAfter(drop, at: now)
            if drop.place == .aside { intake.queue.append(.drop(drop, .settled, evenIfIncomplete: true)) }
            intake.beginScan()
            suffer(drop.isUnkeyed ? nil : drop.key, code, at: now, &actions)
        case .success(let result):
            wellAgain(&actions)
            finishClaim(drop, result, known, at: now, &actions)
        }
        if cameAgain, !isStopping { enqueue(Array(drop.name.utf8), .settled) }
    }

    /// How far a drop has come is not known: to processing/, or one without a key to aside/.
    private mutating func lookAfter(_ drop: Drop, at now: Timestamp) {
        if drop.isUnkeyed {
            intake.asideLook = intake.asideLook ?? now + policy.quietPeriod
        } else {
            loads.append(drop.key)
        }
    }

    private mutating func finishClaim(
        _ drop: Drop, _ result: ClaimResult, _ known: Intake.Pending?, at now: Timestamp, _ actions: inout [Action]
    ) {
        switch result {
        case .duplicate(let state):
            tally.duplicates += 1
            actions.append(.report(.duplicate(drop.key, droppedAs: drop.originalName, of: state)))
        case .conflict(let fileName):
            tally.conflicts += 1
            actions.append(.report(.conflict(drop.key, fileName: fileName)))
        case .incomplete(let snapshot):
            if known?.cutOff == nil { actions.append(.report(.incomplete(drop.label))) }
            let cutOff = Intake.Pending.CutOff(since: known?.cutOff?.since ?? now, snapshot: snapshot)
            wait(drop, .incomplete, known, again: cutOff.since + policy.incompleteAfter - now, cutOff, at: now)
        case .beingWritten:
            if known?.reason != .beingWritten { actions.append(.report(.beingWritten(drop.label))) }
            waitLonger(drop, .beingWritten, known, at: now)
            intake.asideLook = intake.asideLook ?? now + policy.quietPeriod
        case .unsettled(let snapshot):
            if case .unsettled(let old)? = known?.reason, old != snapshot {
                waitLonger(drop, .beingWritten, known, at: now)
            } else {
                wait(drop, .unsettled(snapshot), known, again: policy.quietPeriod, at: now)
            }
        case .derived(let keyed):
            // Before all others, so that no more stand in aside/ than are under way.
            intake.queue.prepend(.drop(keyed, .seen, evenIfIncomplete: true))
        case .keyless(let fileName, let report):
            tally.dead += 1
            actions.append(.report(.keyless(name: drop.label, as: fileName, report)))
        case .notARequest(let reason):
            intake.queue.append(.refused(Array(drop.name.utf8), because: reason))
        case .vanished:
            // A name that was heard of twice: what was claimed by it the first time stands, and keeps its place.
            break
        case .ready, .unprocessed, .buried, .blocked, .crowded:
            prepared(drop.key, result, at: now, &actions)
        }
    }

    /// The event that tells of a change may be lost, or never come, as with a mapping: it is looked at now and then, less
    /// and less often.
    private mutating func waitLonger(
        _ drop: Drop, _ reason: Intake.Pending.Reason, _ known: Intake.Pending?, at now: Timestamp
    ) {
        let since = known?.reason == reason ? known?.since ?? now : now
        let pause = min(max(policy.quietPeriod, now - since), Intake.longestPause)
        wait(drop, reason, known, again: pause, at: now)
    }

    private mutating func wait(
        _ drop: Drop, _ reason: Intake.Pending.Reason, _ known: Intake.Pending?, again: Duration,
        _ cutOff: Intake.Pending.CutOff? = nil, at now: Timestamp
    ) {
        guard intake.pending.count < limits.pending else { return }
        let since = known?.reason == reason ? known?.since ?? now : now
        intake.pending.insert(
            drop,
            Intake.Pending(reason: reason, since: since, lookAgainAt: now + again, cutOff: cutOff ?? known?.cutOff))
    }

    mutating func broughtHome(_ name: String, isLeft: Bool, at now: Timestamp) {
        intake.refusing -= 1
        // What does not fit here is met by the next scan.
        guard isLeft, intake.strays.count < limits.claims else { return }
        intake.strays.insert(name)
        intake.strayLook = now + policy.quietPeriod
    }

    mutating func refused(
        _ name: [UInt8], because reason: String, _ result: Result<String?, Errno>, at now: Timestamp,
        _ actions: inout [Action]
    ) {
        intake.refusing -= 1
        switch result {
        case .success(let refusedName?):
            wellAgain(&actions)
            tally.refused += 1
            actions.append(.report(.refused(name: DropName.escaped(name), as: refusedName, because: reason)))
        // It has gone, or gave way to a good request in the last moment.
        case .success(nil): intake.beginScan()
        case .failure(let code) where code.concernsOneFile:
            if intake.immovable.count >= limits.pending { intake.immovable.removeAll() }
            if intake.immovable.insert(name).inserted {
                actions.append(.report(.immovable(name: DropName.escaped(name), because: reason, code)))
            }
        case .failure(let code):
            intake.beginScan()
            suffer(nil, code, at: now, &actions)
        }
    }
}
