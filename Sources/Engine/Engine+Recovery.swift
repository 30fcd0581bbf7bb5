internal import Claim
internal import DequeModule
internal import Files
public import Spool
internal import SystemPackage
internal import Times

/// Finding the file that makes the process die.
///
/// A process that dies at each start dies over something that stands there already, and before all of it has been taken
/// up once. So ends are written down until then and no longer, and a daemon that is well pays nothing for this.
extension Engine {
    /// Begins a run, as the ends before it ask for. To be called before the first event.
    public mutating func recover(after deaths: Deaths) {
        recovery.isCautious = deaths.isCautious
        guard let suspect = deaths.suspect, let subject = Subject(suspect.place, suspect.name) else { return }
        recovery.deaths[subject] = suspect.deaths
        if suspect.isCondemned {
            recovery.condemned = suspect
            recovery.isNoted = true
        } else {
            recovery.trial = subject
        }
    }

    /// Whether something may be taken up now.
    var mayTakeUp: Bool { recovery.isOver || recovery.isAtRest }

    /// When the trial of a suspect begins.
    var trialDeadline: Timestamp? {
        guard recovery.trial != nil, knowsAudience, !trouble.isStanding else { return nil }
        return recovery.trialAt
    }

    /// Says whom to blame if the process ends over what is taken up now.
    mutating func takeUp(_ subject: @autoclosure () -> Subject, _ actions: inout [Action]) {
        guard !recovery.isOver else { return }
        let subject = subject()
        recovery.open.insert(subject)
        guard recovery.isCautious else { return }
        recovery.isNoted = true
        actions.append(.suspect(subject, deaths: recovery.deaths[subject] ?? 0))
    }

    /// Ends the recovery, or goes on with what has to come before everything else.
    mutating func advanceRecovery(at now: Timestamp, _ actions: inout [Action]) {
        guard !recovery.isOver, !trouble.isStanding else { return }
        if recovery.hasTakenUpAll {
            if recovery.isCautious { actions.append(.report(.recoveryOver)) }
            recovery.end()
            actions.append(.forgetDeaths)
        } else if let suspect = recovery.condemned, let subject = Subject(suspect.place, suspect.name) {
            recovery.condemned = nil
            recovery.open.insert(subject)
            actions.append(.buryUnread(suspect))
        } else if let subject = recovery.trial, knowsAudience {
            beginTrial(of: subject, at: now, &actions)
        }
    }

    /// Whoever kills the daemon at a regular moment must not meet the same file each time: so the trial waits for a while
    /// that nobody can know, and an end in this while clears the suspect, since nothing is under way.
    private mutating func beginTrial(of subject: Subject, at now: Timestamp, _ actions: inout [Action]) {
        let longest = Duration.seconds(min(recovery.deaths[subject] ?? 1, Suspect.deathsToBury))
        guard let moment = recovery.trialAt else {
            recovery.trialAt = now + longest * Double.random(in: 0..<1, using: &random)
            return
        }
        guard moment <= now || moment > now + longest else { return }
        recovery.trial = nil
        switch subject {
        case .drop(let drop):
            intake.queue.prepend(.drop(drop, .seen, evenIfIncomplete: drop.place == .aside))
        case .sidecar(let name): intake.queue.prepend(.sidecar(name))
        case .refused(let name):
            if case .refused(let reason) = DropName(name) { intake.queue.prepend(.refused(name, because: reason)) }
        case .request(let key):
            loads.putFirst(key)
            loadNext(&actions)
        }
    }

    /// After everything that a turn takes up: nobody is under suspicion while nothing is under way.
    mutating func clearSuspect(_ actions: inout [Action]) {
        guard recovery.isNoted, recovery.open.isEmpty, recovery.condemned == nil else { return }
        recovery.isNoted = false
        actions.append(.suspect(nil, deaths: 0))
    }

    // MARK: Following what happens

    /// Takes note of what has been taken up, after it has been dealt with. Not called any more once recovery is over.
    mutating func followRecovery(_ event: Event) {
        switch event {
        case .scanned(.success, isLast: true):
            recovery.hasScanned = true
            lookOutFor(intake.queue.map { Subject($0) })
        case .swept(.success, isLast: true) where sweep.isAtRest:
            recovery.hasSwept = true
            lookOutFor(loads.keys.map { .request($0) })
        case .claimed(let drop, let result):
            // One that has only been looked at from outside is read when it has been quiet for a while.
            takenUp(.drop(drop), hasBeenRead: !waitsForQuiet(drop))
            if case .failure(let code) = result, !code.concernsOneFile {
                // It stands somewhere on its way, for a scan or a load to find.
                recovery.hasScanned = false
                lookOutFor([.request(drop.key)])
            }
        case .loaded(let key, .failure(let code)) where !code.concernsOneFile:
            takenUp(.request(key), hasBeenRead: false)
        case .loaded(let key, _): takenUp(.request(key), hasBeenRead: true)
        case .refused(let name, _, let result):
            takenUp(.refused(name), hasBeenRead: true)
            if case .failure(let code) = result, !code.concernsOneFile { recovery.hasScanned = false }
        case .broughtHome(let name, _): takenUp(.sidecar(name), hasBeenRead: true)
        default: break
        }
    }

    private mutating func lookOutFor(_ subjects: [Subject]) {
        recovery.awaited.formUnion(subjects)
        recovery.awaited.formUnion(recovery.open)
        recovery.awaited.subtract(recovery.banned)
    }

    private mutating func takenUp(_ subject: Subject, hasBeenRead: Bool) {
        recovery.open.remove(subject)
        guard hasBeenRead else { return }
        // A set or dictionary takes a hash of the subject to find that it is empty.
        if !recovery.awaited.isEmpty { recovery.awaited.remove(subject) }
        if !recovery.deaths.isEmpty { recovery.deaths[subject] = nil }
    }

    private func waitsForQuiet(_ drop: Drop) -> Bool {
        if case .unsettled? = intake.pending[drop]?.reason { true } else { false }
    }

    mutating func buriedUnread(
        _ suspect: Suspect, _ result: Result<Burial, Errno>, at now: Timestamp, _ actions: inout [Action]
    ) {
        guard let subject = Subject(suspect.place, suspect.name) else { return }
        recovery.open.remove(subject)
        recovery.deaths[subject] = nil
        if case .success = result { wellAgain(&actions) }
        switch result {
        case .success(.buried(let fileName, let report)):
            tally.dead += 1
            actions.append(.report(.crashed(path: suspect.path, as: fileName, report)))
        case .success(.vanished): break
        case .success(.blocked): ban(subject, suspect, .fileExists, &actions)
        case .failure(let code) where code.concernsOneFile: ban(subject, suspect, code, &actions)
        case .failure(let code):
            recovery.condemned = suspect
            suffer(suspect.key, code, at: now, &actions)
        }
    }

    private mutating func ban(_ subject: Subject, _ suspect: Suspect, _ code: Errno, _ actions: inout [Action]) {
        recovery.banned.insert(subject)
        recovery.awaited.remove(subject)
        actions.append(.report(.immovableCrash(path: suspect.path, code)))
    }

    /// Whether it is left alone, since reading it would end the process and it can't be moved.
    func isBanned(_ subject: @autoclosure () -> Subject) -> Bool {
        !recovery.banned.isEmpty && recovery.banned.contains(subject())
    }
}
