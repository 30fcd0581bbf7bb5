internal import CLinux
internal import Glibc
public import Logging
internal import Spool
public import SystemPackage
internal import Times

/// The same program again, in the same process: nothing that was in memory is a truth, and every descriptor leads to what
/// is no longer at the spool's path.
public enum Restart {
    /// Tells the next beginning that it is one; not for people to set.
    private static let mark = "BILLHOOK_STARTED_OVER"

    /// Returns only if it can't be done (`execve(2)`). The process id, the arguments and the environment stay; descriptors
    /// other than the standard three are closed, libcurl's among them, which are not marked for that.
    static func now() -> Errno {
        Signals.unblock()
        setenv(mark, "1", 1)
        _ = clinux_close_at_exec(3)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        let code = Errno(rawValue: errno)
        Signals.block()
        return code
    }

    /// If the program was started over, waits until a spool stands at the path that nobody else serves: a look a second,
    /// and nothing is held open in between.
    ///
    /// It never makes a spool there: the mount point of a disk that is not mounted is an empty directory, too. What is missing
    /// of one that stands is made. Returns `false` if it is told to stop instead.
    public static func awaitSpool(at path: FilePath, log: Logger) -> Bool {
        guard getenv(mark) != nil else { return true }
        unsetenv(mark)
        Signals.block()
        var told: String?
        while let objection = objection(to: path) {
            if told != objection { log.warning("waiting: \(objection)") }
            told = objection
            if Signals.waitForEnd(atMost: .seconds(1)) {
                log.notice("stopped")
                return false
            }
        }
        log.notice("a spool stands at \(path): starting over")
        return true
    }

    private static func objection(to path: FilePath) -> String? {
        guard Spool.stands(at: path) else {
            return
                "there is no spool at \(path). Put it back, mount it, or make one with: billhook init --spool \(path)"
        }
        do throws(SpoolError) {
            let found = try Spool.create(path)
            return SpoolLock.currentHolder(of: found).map { "it is served by \($0)." }
        } catch {
            return "\(error)"
        }
    }
}
