import Foundation

/// What a receiver remembers, shared by its threads.
final class CallLog: @unchecked Sendable {
    // Everything below is read and written with `condition` held.
    private let condition = NSCondition()
    private var recorded: [Call] = []
    private var open: [Int: Int32] = [:]
    private var accepted = 0
    private var stopped = false
    private var released = false

    var calls: [Call] { condition.withLock { recorded } }
    var connections: Int { condition.withLock { accepted } }
    var isStopped: Bool { condition.withLock { stopped } }

    /// Numbers a connection; `nil` once the receiver has stopped.
    func opened(_ socket: Int32) -> Int? {
        condition.withLock {
            guard !stopped else { return nil }
            accepted += 1
            open[accepted - 1] = socket
            return accepted - 1
        }
    }

    /// Closes a connection; under the lock, so that `stop()` can't meet the number again under another file.
    func closed(_ connection: Int, _ socket: Int32) {
        condition.withLock {
            open[connection] = nil
            _ = close(socket)
            condition.broadcast()
        }
    }

    /// Records a call and gives it its index; `nil` once the receiver has stopped.
    func record(_ make: (Int) -> Call) -> Call? {
        condition.withLock {
            guard !stopped else { return nil }
            let call = make(recorded.count)
            recorded.append(call)
            condition.broadcast()
            return call
        }
    }

    func wait(count: Int, timeout: Duration) throws -> [Call] {
        try wait(timeout, until: { recorded.count >= count }, expecting: { "\(count) calls and got \(recorded.count)" })
        return calls
    }

    func waitUntilAllClosed(timeout: Duration) throws {
        try wait(timeout, until: { open.isEmpty }, expecting: { "its connections to close and has \(open.count)" })
    }

    private func wait(_ timeout: Duration, until isMet: () -> Bool, expecting: () -> String) throws {
        let limit = Date(timeIntervalSinceNow: timeout / .seconds(1))
        try condition.withLock {
            while !isMet() {
                guard condition.wait(until: limit) else {
                    throw ReceiverError(description: "The receiver waited \(timeout) for \(expecting()).")
                }
            }
        }
    }

    /// Returns once the receiver is released or stopped: whether it was released.
    func waitForRelease() -> Bool {
        condition.withLock {
            while !stopped, !released { condition.wait() }
            return !stopped
        }
    }

    func release() {
        condition.withLock {
            released = true
            condition.broadcast()
        }
    }

    /// Ends every connection; `false` if it had stopped before.
    func stop() -> Bool {
        condition.withLock {
            guard !stopped else { return false }
            stopped = true
            for socket in open.values { _ = shutdown(socket, Int32(SHUT_RDWR)) }
            condition.broadcast()
            return true
        }
    }
}
