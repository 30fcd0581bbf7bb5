internal import Claim
internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// How much may be claimed before the disk is looked at again.
///
/// A look grants as many claims as fit between what is free and the floor, each taken at its largest; what comes after
/// waits for another look. So it does not matter how fast claims are: no number of them gets below the floor, unless
/// somebody else fills the disk.
struct Stock {
    /// What there is too little of; `nil` if there is room.
    var shortage: RoomShortage?
    var isKnown = false
    var isLooking = false
    var wantsLook = false
    private(set) var granted = 0
    private(set) var allowance = 0
    private var claimsSinceAsked = 0
    private var inFlightWhenAsked = 0
    var lookedAt = Timestamp.distantPast

    /// How old a look may be before another is asked for, if there is something to claim.
    static let interval = Duration.seconds(1)
    private static let twoIntervals = interval * 2
    /// Claims at most while an answer is awaited and the last look is older than two intervals: somebody else may have
    /// filled the disk, and a lone invoice need not wait to find out.
    static let blindClaims = 16
    /// Directories grow, and `.attempts` and `.error` come with the `.invoice`.
    static let bytesBesides: UInt64 = 64 << 10
    static let inodesEach: UInt64 = 3

    mutating func claimed() {
        allowance -= 1
        claimsSinceAsked += 1
    }

    mutating func asked(inFlight: Int) {
        isLooking = true
        wantsLook = false
        claimsSinceAsked = 0
        inFlightWhenAsked = inFlight
    }

    /// What was under way when the disk was measured may have been counted or not.
    mutating func answered(_ claims: Int, inFlight: Int, at now: Timestamp) {
        isLooking = false
        isKnown = true
        lookedAt = now
        granted = claims
        allowance = claims - claimsSinceAsked - inFlightWhenAsked
        if inFlight == 0 { allowance = max(1, allowance) }
    }

    func admitsClaim(at now: Timestamp) -> Bool {
        guard isKnown, shortage == nil, allowance > 0 else { return false }
        return now - lookedAt <= Stock.twoIntervals || isLooking && claimsSinceAsked < Stock.blindClaims
    }

    /// - Parameter hasWork: whether something is there to be claimed; without it, nobody needs to know.
    func needsLook(hasWork: Bool, inFlight: Int, at now: Timestamp) -> Bool {
        if isLooking { return false }
        if !isKnown || wantsLook { return true }
        let isOld = lookedAt + Stock.interval <= now || lookedAt > now
        if shortage != nil { return isOld }
        return hasWork && (isOld || 2 * allowance <= granted && 2 * inFlight <= granted)
    }
}

/// The room on the disk.
extension Engine {
    private var claimsUnderWay: Int { intake.claiming.count + intake.refusing }

    mutating func lookAround(at now: Timestamp, _ actions: inout [Action]) {
        guard stock.needsLook(hasWork: !intake.queue.isEmpty, inFlight: claimsUnderWay, at: now) else { return }
        stock.asked(inFlight: claimsUnderWay)
        actions.append(.lookAround)
    }

    func considerRoom(_ first: inout Earliest) {
        first.consider(postsPausedUntil)
        first.consider(crowd.retryAt)
        if stock.shortage != nil, !stock.isLooking { first.consider(stock.lookedAt + Stock.interval) }
    }

    mutating func measured(_ room: DiskRoom?, at now: Timestamp, _ actions: inout [Action]) {
        // A file system that does not tell refuses what does not fit; that is trouble, and waits for its end.
        let claims = room.map {
            policy.floor.claims(
                in: $0, bytesEach: policy.largestInvoice + Stock.bytesBesides, inodesEach: Stock.inodesEach)
        }
        stock.answered(claims ?? Int(Int32.max), inFlight: claimsUnderWay, at: now)
        let shortage = room.flatMap { policy.floor.shortage(of: $0, wasShort: stock.shortage != nil) }
        if let shortage, stock.shortage == nil { actions.append(.report(.short(shortage))) }
        if shortage == nil, stock.shortage != nil { actions.append(.report(.roomy)) }
        stock.shortage = shortage
    }

    /// Whether nothing can move before somebody makes room, so that a batch job has no reason to stay.
    public var isStuck: Bool {
        guard hasBegun, !isAtRest, claimsUnderWay == 0, posts.isEmpty, jobs.keys.allSatisfy({ crowd.holds($0) }) else {
            return false
        }
        if trouble.isStanding { return isRefusedAllWork }
        let isShort = stock.shortage != nil
        let isCrowded = crowd.retries > 1 && (intake.isAtRest || jobs.count >= limits.jobs)
        return (isShort || isCrowded) && loads.isEmpty && (sweep.isAtRest || isSated)
    }

    /// Whether what stands in processing/ was refused again and again, so that it was no moment's want. An attempt that
    /// can't be recorded is none of this: it stays in memory, and would be made once more after an end.
    private var isRefusedAllWork: Bool {
        trouble.retries > 1 && loads.underWay == 0 && processor.isIdle
            && (sweep.isAtRest || isSated || loads.queued >= limits.loads)
    }
}
