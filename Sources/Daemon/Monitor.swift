internal import Glibc

/// A value that threads share, and whose changes they sleep for.
///
/// Unchecked, because a pthread mutex guards the value, which the compiler can't see.
final class Monitor<Value: Sendable>: @unchecked Sendable {
    // Guarded by `mutex`; the standard library's Mutex has no condition to wait for.
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set would stretch a wait, or cut it off.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(change, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(change)
        pthread_mutex_destroy(mutex)
        change.deallocate()
        mutex.deallocate()
    }

    /// Changes the value, and wakes who waits for it.
    func change(_ body: (inout Value) -> Void) {
        pthread_mutex_lock(mutex)
        body(&value)
        pthread_cond_broadcast(change)
        pthread_mutex_unlock(mutex)
    }

    /// Takes something from the value as it is: nobody waits for that.
    func take<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// Waits until there is something to take, and takes it.
    func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(change, mutex)
        }
    }

    /// The same for no longer than `span`; `nil` if there was nothing by then.
    func wait<Result>(atMost span: Duration, _ body: (inout Value) -> Result?) -> Result? {
        var end = Monitor.moment(in: span)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            if pthread_cond_timedwait(change, mutex, &end) == ETIMEDOUT { return body(&value) }
        }
    }

    private static func moment(in span: Duration) -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let (seconds, attoseconds) = (span + .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)).components
        return timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
