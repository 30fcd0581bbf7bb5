internal import Glibc

/// The signals that end the daemon, received by a thread of their own.
enum Signals {
    /// Keeps SIGTERM and SIGINT from every thread started afterwards, and lets writing to a closed pipe or socket be an
    /// error instead of an end. To be called before any thread is started.
    static func block() {
        signal(SIGPIPE, SIG_IGN)
        // The break of a read lease is told by SIGIO, whose default would end the process; the lease is given back by
        // itself in a moment.
        signal(SIGIO, SIG_IGN)
        var set = ending
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// The opposite of ``block()``, for a program that takes this one's place.
    static func unblock() {
        signal(SIGPIPE, SIG_DFL)
        signal(SIGIO, SIG_DFL)
        var set = ending
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Waits for a signal that asks for the end; whether one came. To be called while nobody else waits for one.
    static func waitForEnd(atMost span: Duration) -> Bool {
        var set = ending
        let (seconds, attoseconds) = span.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        return sigtimedwait(&set, nil, &time) > 0
    }

    /// Calls `body` for each signal that asks for the end.
    static func watch(_ body: @escaping @Sendable (Int32) -> Void) throws(ThreadError) {
        _ = try Thread("signals") {
            while true {
                var set = ending
                var received: Int32 = 0
                guard sigwait(&set, &received) == 0 else { return }
                body(received)
            }
        }
    }

    private static var ending: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        return set
    }
}
