internal import Glibc
internal import Synchronization

/// Wakes its caller when something happens in a watched directory; inotify(7) through libinotifytools.
///
/// Events are a lossy wake-up: watch first, then scan, and scan again on ``WatchEvent/overflow``, on
/// ``WatchEvent/lost(tag:)``, and on a timer whatever happens. Changes made by other hosts raise none
/// (``NotificationProbe``), and these changes to a watched directory itself raise none either: the removal while
/// somebody has the directory open (its loss is reported once the last one has closed it), and the renaming of a
/// directory above it. Watch the directory above for removals if that matters.
///
/// One per process, in its whole life: the library's state is global and does not survive a second start. Make it before
/// files and sockets are opened; its descriptor has to be below 1024. Safe to share between threads, but meant for one
/// that calls ``next(timeout:into:)``; events go to one caller only. Closed when the last reference is gone.
public final class Watcher: Sendable {
    /// The most events one call of ``next(timeout:into:)`` returns; the rest follow at once with the next call.
    public static let batchLimit = 4096

    private struct State: ~Copyable {
        var library: Library?
        var table = WatchTable()
        /// Events may be left in the library's buffer, where poll(2) doesn't see them.
        var hasBacklog = false
    }

    private let state: Mutex<State>
    private let wakeUp: WakeUp
    /// Can be read, as poll(2) says it, when events have come: for a thread that waits for other news as well. It is to be
    /// read by ``next(timeout:into:)`` alone, until that returns fewer events than the most, and ends with ``close()``.
    public let descriptor: Int32

    /// Starts watching all of `interests`, or none.
    ///
    /// When a directory can't be watched the watcher is closed again, and this process can't have another. To go on
    /// without it, start with no interests and ``add(_:)`` them one by one.
    ///
    /// - Throws: ``WatchError``; `alreadyUsed` for a second watcher in this process, `noInstancesLeft` (worth another
    ///   attempt later), `descriptorTooHigh`, and what ``add(_:)`` throws.
    public init(_ interests: [Interest] = []) throws(WatchError) {
        wakeUp = try WakeUp()
        let library = try Library()
        descriptor = library.descriptor
        state = Mutex(State(library: library))
        for interest in interests { try add(interest) }
    }

    /// Watches one more directory, or one again whose watch was lost. Events count from here on; scan afterwards.
    ///
    /// - Throws: ``WatchError``; `noSuchDirectory`, `notADirectory`, `notPermitted`, `alreadyWatched`, `noWatchesLeft`
    ///   or `unusablePath` with the path, and `closed`. The other watches are unharmed.
    public func add(_ interest: Interest) throws(WatchError) {
        try state.withLock { (state) throws(WatchError) in
            let mask = EventTranslation.mask(for: interest.events)
            guard let watch = try state.library?.watch(interest.path, mask: mask) else { throw WatchError(.closed) }
            state.table.add(watch: watch, tag: interest.tag)
        }
    }

    /// Waits for events, and returns those there are, in order, at most ``batchLimit``.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait for the first event, rounded up to a millisecond; `nil` waits until there is one,
    ///     zero or less does not wait.
    ///   - events: Replaced by the events; empty after the time-out or a ``wake()``. Its storage is kept, so one array
    ///     serves all calls.
    /// - Throws: ``WatchError``; `closed` after or during ``close()``, `system` if the descriptor was taken away.
    public func next(timeout: Duration?, into events: inout [WatchEvent]) throws(WatchError) {
        _ = try wait(timeout: timeout, into: &events)
    }

    /// Makes ``next(timeout:into:)`` return, the one that waits or else the next one. From any thread; several wake-ups
    /// before a return are one.
    public func wake() {
        wakeUp.signal()
    }

    /// Ends all watches and closes the descriptor; a waiting ``next(timeout:into:)`` throws `closed`. Final: this process
    /// can't have another watcher. From any thread, and any number of times.
    public func close() {
        state.withLock {
            $0.library = nil
            $0.table = WatchTable()
        }
        wakeUp.signal()
    }

    /// Like ``next(timeout:into:)``; true if a ``wake()`` was used up by it.
    func wait(timeout: Duration?, into events: inout [WatchEvent]) throws(WatchError) -> Bool {
        events.removeAll(keepingCapacity: true)
        let deadline = timeout.map { SuspendingClock.now.advanced(by: $0) }
        while true {
            if try poll(until: deadline) {
                let isWoken = try drain(into: &events)
                if isWoken || !events.isEmpty { return isWoken }
            }
            if let deadline, deadline <= .now { return false }
        }
    }

    /// Waits; true if there may be something to drain.
    private func poll(until deadline: SuspendingClock.Instant?) throws(WatchError) -> Bool {
        let needsNoWait = state.withLock { $0.hasBacklog || $0.library == nil }
        if needsNoWait { return true }
        let remaining = deadline.map { SuspendingClock.now.duration(to: $0) }
        var waits = [descriptor, wakeUp.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = Glibc.poll(&waits, nfds_t(waits.count), remaining.pollTimeout)
        guard count >= 0 || errno == EINTR else { throw WatchError(.system, number: errno) }
        return count > 0
    }

    /// Moves what is there into `events`, up to the limit, and ends a wake-up; true if there was one.
    private func drain(into events: inout [WatchEvent]) throws(WatchError) -> Bool {
        try state.withLock { (state) throws(WatchError) in
            guard state.library != nil else { throw WatchError(.closed) }
            let isWoken = wakeUp.clear()
            state.hasBacklog = true
            while events.count < Watcher.batchLimit {
                guard let raw = try state.library?.next() else {
                    state.hasBacklog = false
                    break
                }
                guard let event = state.table.receive(raw) else { continue }
                if case .lost = event { state.library?.unwatch(raw.watch) }
                events.append(event)
            }
            return isWoken
        }
    }
}
