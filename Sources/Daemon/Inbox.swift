internal import Glibc

/// A queue between threads: any of them puts in, one takes everything out at once and sleeps while there is nothing.
///
/// Unchecked, because a pthread mutex guards what changes, which the compiler can't see.
final class Inbox<Element: Sendable>: @unchecked Sendable {
    // Guarded by `mutex`; the standard library's Mutex has no condition to wait for.
    private var elements: [Element] = []
    private var isClosed = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    func put(_ new: [Element]) {
        pthread_mutex_lock(mutex)
        elements += new
        pthread_cond_signal(arrival)
        pthread_mutex_unlock(mutex)
    }

    /// Waits until there is something and takes it all; empty once the inbox is closed and empty.
    func take() -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty && !isClosed { pthread_cond_wait(arrival, mutex) }
        let taken = elements
        elements = []
        return taken
    }

    /// Takes what there is, which may be nothing.
    func takeAtOnce() -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let taken = elements
        elements = []
        return taken
    }

    /// Lets `take` return empty once everything has been taken.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(arrival)
        pthread_mutex_unlock(mutex)
    }
}
