internal import CInotifyTools
internal import Glibc

/// An eventfd(2) that makes a poll(2) in another thread return. Open until the last reference is gone, so that a late
/// ``signal()`` never writes to a descriptor that has been given to somebody else.
final class WakeUp: Sendable {
    let descriptor: Int32

    init() throws(WatchError) {
        descriptor = billhook_eventfd()
        guard descriptor >= 0 else {
            let number = errno
            throw WatchError(number == EMFILE || number == ENFILE ? .noDescriptorsLeft : .system, number: number)
        }
    }

    deinit { close(descriptor) }

    /// The only failure, a full counter, means that the waiter is woken already.
    func signal() {
        var one: UInt64 = 1
        while write(descriptor, &one, MemoryLayout<UInt64>.size) < 0 && errno == EINTR {}
    }

    /// Ends the wake-up that any number of signals have made; false if there was none.
    func clear() -> Bool {
        var count: UInt64 = 0
        while read(descriptor, &count, MemoryLayout<UInt64>.size) < 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }
}
