internal import CLinux
internal import Glibc
public import SystemPackage

/// Ends the programs under way when this process dies without having done so itself, by SIGKILL say: otherwise they
/// would go on beside the second run that the next start makes.
///
/// A small process of its own waits at a pipe that closes when this one is gone, and then sends SIGKILL to the process
/// group of each program. `PR_SET_PDEATHSIG` would have to be set between `fork` and `exec`, where the library that starts
/// the programs lets nobody in on Linux, and would reach a program's own children no more than its parent's end does.
///
/// Between the start of a program and `hold` it is not guarded: it gets its input only after that, so one that reads the
/// whole of it before it acts finds it cut off.
public final class ProgramGuard: Sendable {
    private let processID: pid_t
    private let pipe: Int32

    /// Starts the guard; to be called while this process has nothing open that others wait for, and no thread that opens it.
    ///
    /// Throws what `pipe(2)` and `fork(2)` do.
    public init() throws(Errno) {
        var pipe: Int32 = -1
        processID = clinux_fork_guard(&pipe)
        if processID == -1 { throw Errno(rawValue: errno) }
        self.pipe = pipe
    }

    /// Lets it go; what it still holds is ended.
    deinit {
        close(pipe)
        while waitpid(processID, nil, 0) == -1 && errno == EINTR {}
    }

    /// The group is to be ended with this process.
    func hold(_ group: Int32) { tell(group) }

    /// The group's first process has ended, so its number may soon be another's.
    func release(_ group: Int32) { tell(-group) }

    /// Less than `PIPE_BUF`, so it arrives whole (`pipe(7)`); a guard that somebody has killed is done without.
    private func tell(_ number: Int32) {
        var number = number
        while write(pipe, &number, MemoryLayout.size(ofValue: number)) == -1 && errno == EINTR {}
    }
}
