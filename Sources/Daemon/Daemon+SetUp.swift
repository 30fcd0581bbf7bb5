internal import Files
internal import Logging
internal import Program
internal import Spool
internal import SystemPackage
internal import Watch

/// What is tried once at a start: the guard of programs, inotify, and how files can be renamed here.
extension Daemon {
    static func makeGuard(_ log: Logger) -> ProgramGuard? {
        do throws(Errno) {
            return try ProgramGuard()
        } catch {
            log.warning("no guard for the processor (\(error)): if this process is killed, programs under way go on")
            return nil
        }
    }

    /// The watch on the spool, and why it can't be relied on.
    static func makeWatch(_ spool: Spool, _ log: Logger) -> (SpoolWatch?, objection: String?) {
        do throws(WatchError) {
            let watch = try SpoolWatch(spool)
            return (watch, watch.objection)
        } catch {
            log.warning("no inotify, so the spool is polled: \(error)")
            return (nil, "no inotify: \(error.objection)")
        }
    }

    static func tryRenames(_ spool: Spool) throws(SpoolError) -> Spool.Renames {
        do throws(Errno) {
            return try spool.tryRenames(mark: "start")
        } catch  where error.isOutOfSpace {
            return .unknown(because: "the disk has no room to try")
        } catch {
            throw .directory(spool.path, name: ".billhook", error)
        }
    }

    /// What a life before this one wrote, and was killed before it flushed it, stands in memory and looks like what is
    /// durable: an invoice would be posted that a power cut takes.
    static func flushLeftovers(_ spool: Spool) throws(SpoolError) {
        do throws(Errno) {
            try spool.own.flushFileSystem()
        } catch {
            throw .unflushable(spool.path, error)
        }
    }

    /// Two bind mounts of one file system look alike and refuse renames all the same, so a real one is tried.
    static func checkRenames(_ spool: Spool) throws {
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
            } catch  where error.isOutOfSpace {
                // That is waited for once it serves, like any other want of room.
                continue
            } catch {
                throw SpoolError.directory(spool.path, name: state.rawValue, error)
            }
        }
    }
}
