internal import Spool
internal import Times

/// How far a start has come with what it found standing, and what it fears of it.
struct Recovery {
    /// Everything that stood at the start has been taken up once.
    var isOver = false
    /// Billhook ended again and again before that, so that one file is taken up at a time: the next end then tells which
    /// one it was.
    var isCautious = false
    var hasScanned = false
    var hasSwept = false
    /// What is being taken up.
    var open: Set<Subject> = []
    /// What was met by the first scan and sweep, and has not been taken up yet.
    var awaited: Set<Subject> = []
    /// Whether `.billhook/deaths` names somebody.
    var isNoted = false

    /// What Billhook ended over last: it comes first, alone, at a moment of its own.
    var trial: Subject?
    var trialAt: Timestamp?
    /// What is to be buried unread, before anything else is done.
    var condemned: Suspect?
    /// Deaths of what was under suspicion at the start, until it has been read and lived.
    var deaths: [Subject: Int] = [:]
    /// Condemned, and not to be moved: left alone for as long as this run lasts.
    var banned: Set<Subject> = []

    /// Whether nothing of what caution asks for is under way.
    var isAtRest: Bool { !isCautious || open.isEmpty && trial == nil && condemned == nil }

    /// Whether all that stood at the start has been taken up by now.
    var hasTakenUpAll: Bool { hasScanned && hasSwept && awaited.isEmpty && isAtRest }

    mutating func end() {
        let banned = banned
        self = Recovery()
        self.banned = banned
        isOver = true
    }
}
