import Foundation

/// An HTTP/1.1 server on a loopback port of its own, which answers as the test's script says and remembers every call.
///
/// Written on raw sockets so that it can misbehave in any way a real receiver might. A thread per connection; safe to
/// use from several threads.
public final class Receiver: Sendable {
    /// Decides about a call; runs on the connection's thread.
    public typealias Script = @Sendable (Call) -> Answer

    /// The port it listens on.
    public let port: UInt16

    private let listener: Int32
    private let script: Script
    private let log = CallLog()

    /// Starts to listen; every call gets 200 unless the script says otherwise.
    public init(script: @escaping Script = { _ in .status(200) }) throws {
        self.script = script
        (listener, port) = try LoopbackSocket.listen()
        Thread.detachNewThread { [listener, script, log] in
            Receiver.accept(listener, script: script, log: log)
        }
    }

    deinit {
        stop()
    }

    /// `http://127.0.0.1:PORT/hook`.
    public var url: String { "http://127.0.0.1:\(port)/hook" }

    /// A URL of this receiver with another path, which begins with a slash.
    public func url(path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// The calls so far, in the order in which they were complete.
    public var calls: [Call] { log.calls }

    /// How many connections have been accepted.
    public var connections: Int { log.connections }

    /// Waits until there have been at least `count` calls and returns all of them.
    ///
    /// - Throws: `ReceiverError` when that takes longer than `timeout`; a healthy test never waits that long.
    @discardableResult
    public func waitForCalls(count: Int, timeout: Duration = .seconds(30)) throws -> [Call] {
        try log.wait(count: count, timeout: timeout)
    }

    /// Waits until every connection so far has been closed on both sides.
    ///
    /// A stalled call notices that its caller has gone only after `release()`.
    ///
    /// - Throws: `ReceiverError` when that takes longer than `timeout`.
    public func waitUntilAllClosed(timeout: Duration = .seconds(30)) throws {
        try log.waitUntilAllClosed(timeout: timeout)
    }

    /// Lets every stalled call go on, now and from now on.
    public func release() { log.release() }

    /// Closes the port and every connection; nothing is recorded after it returns.
    public func stop() {
        guard log.stop() else { return }
        // close() alone would leave a thread in accept().
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func accept(_ listener: Int32, script: @escaping Script, log: CallLog) {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            if socket < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE, !log.isStopped { continue }
                break
            }
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            // The listener's own number stays taken until stop() has shut it down.
            guard let number = log.opened(socket) else {
                close(socket)
                continue
            }
            let thread = Thread { ReceiverConnection(socket, number: number, script: script, log: log).serve() }
            thread.stackSize = 256 * 1024
            thread.start()
        }
        close(listener)
    }
}
