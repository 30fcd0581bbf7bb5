internal import Engine
internal import Files
internal import Logging
internal import Spool
internal import SystemPackage

/// Keeps `.billhook/deaths`, from which the next start learns what this run was doing if it ends in the middle.
///
/// A file that can't be written costs only that knowledge: the run goes on without it.
struct DeathFile {
    private let spool: Spool
    private let log: Logger
    private var count = 0
    private var hasComplained = false

    init(_ spool: Spool, log: Logger) {
        self.spool = spool
        self.log = log
    }

    /// Reads what the last run left, and marks the beginning of this one: what this start is told to do.
    mutating func begin() -> Deaths {
        let left = attempt { spool throws(Errno) in Deaths.following(try spool.deathsLeft()) } ?? Deaths(count: 0)
        let suspect = left.suspect.flatMap { suspect in
            attempt { spool throws(Errno) in try spool.locate(suspect) } ?? nil
        }
        let deaths = Deaths(count: left.count, suspect: suspect)
        count = deaths.count
        // Until its trial begins nothing is under way, so an end before that says nothing against it.
        let isCondemned = suspect?.isCondemned ?? false
        write(Deaths(count: count, suspect: isCondemned ? suspect : nil))
        return deaths
    }

    /// Names what is taken up alone from now on.
    mutating func note(_ subject: Subject?, deaths: Int) {
        guard let subject else { return write(Deaths(count: count)) }
        let status = attempt { spool throws(Errno) in try spool.directory(subject.place).status(subject.name) }
        let suspect = (status ?? nil).map {
            Suspect(place: subject.place, name: subject.name, mark: Suspect.Mark($0), deaths: deaths)
        }
        write(Deaths(count: count, suspect: suspect))
    }

    /// This run's end, whatever it may be, is nobody's fault.
    mutating func remove() {
        _ = attempt { spool throws(Errno) in try spool.forgetDeaths() }
    }

    private mutating func write(_ deaths: Deaths) {
        _ = attempt { spool throws(Errno) in try spool.write(deaths) }
    }

    private mutating func attempt<Value>(_ action: (Spool) throws(Errno) -> Value) -> Value? {
        do throws(Errno) {
            return try action(spool)
        } catch {
            if !hasComplained {
                log.warning(
                    "can't keep .billhook/deaths: \(error); if a request ends this process, the next one won't know which"
                )
            }
            hasComplained = true
            return nil
        }
    }
}
