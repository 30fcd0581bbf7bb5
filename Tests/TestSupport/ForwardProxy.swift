import Dispatch
import Foundation

/// A forward proxy on a loopback port: connects for CONNECT, forwards for absolute URLs, or refuses as the test says.
///
/// It looks no name up: whatever the host, it connects to that port of 127.0.0.1, and so shows that the name was left to it.
public final class ForwardProxy: Sendable {
    /// What it does with a connection.
    public enum Conduct: Sendable {
        case serve
        /// Answers with this status and closes.
        case refuse(Int)
        /// Closes without an answer.
        case close
        /// Answers with something that isn't HTTP.
        case babble
        /// Never answers, until it is stopped.
        case stall
    }

    public let port: UInt16
    private let listener: Int32
    private let conduct: Conduct
    private let state = State()

    /// Starts to listen.
    public init(_ conduct: Conduct = .serve) throws {
        self.conduct = conduct
        (listener, port) = try LoopbackSocket.listen()
        Thread.detachNewThread { [listener, conduct, state] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                guard state.opened(client) else { continue }
                Thread.detachNewThread { ForwardProxy.serve(client, conduct, state) }
            }
            close(listener)
        }
    }

    deinit {
        state.stop()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The first line of each request that it got, in order.
    public var requests: [String] { state.heads.map(ForwardProxy.firstLine) }

    /// The whole heads of them.
    public var heads: [String] { state.heads }

    private static func firstLine(_ head: String) -> String {
        String(head.prefix { $0 != "\r\n" })
    }

    private static func serve(_ client: Int32, _ conduct: Conduct, _ state: State) {
        defer { state.closed(client) }
        guard let head = readHead(client) else { return }
        state.record(head)
        switch conduct {
        case .serve: relay(client, head)
        case .refuse(let status): send(client, "HTTP/1.1 \(status) Refused\r\nContent-Length: 3\r\n\r\nno\n")
        case .close: break
        case .babble: send(client, "SSH-2.0-OpenSSH_9.2\r\n")
        case .stall: state.wait()
        }
    }

    /// Connects to the port that is asked for, and copies both ways until both sides are done.
    private static func relay(_ client: Int32, _ head: String) {
        let words = firstLine(head).split(separator: " ")
        let isTunnel = words[0] == "CONNECT"
        let target = isTunnel ? words[1] : words[1].dropFirst("http://".count).prefix { $0 != "/" }
        guard let port = target.split(separator: ":").last.flatMap({ UInt16($0) }),
            let server = LoopbackSocket.connect(port)
        else { return send(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") }
        if isTunnel {
            send(client, "HTTP/1.1 200 Connection established\r\n\r\n")
        } else {
            send(server, head.replacing(words[1], with: words[1].dropFirst("http://".count).drop { $0 != "/" }))
        }
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            copy(from: server, to: client)
            isDone.signal()
        }
        copy(from: client, to: server)
        isDone.wait()
        close(server)
    }

    private static func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, Glibc.send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(target, Int32(SHUT_WR))
    }

    private static func readHead(_ client: Int32) -> String? {
        var head = ""
        var byte: UInt8 = 0
        while !head.hasSuffix("\r\n\r\n") {
            guard recv(client, &byte, 1, 0) == 1 else { return nil }
            head.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return head
    }

    private static func send(_ socket: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What the threads share.
    private final class State: @unchecked Sendable {
        // All read and written with `condition` held.
        private let condition = NSCondition()
        private var recorded: [String] = []
        private var open: Set<Int32> = []
        private var isStopped = false

        var heads: [String] { condition.withLock { recorded } }

        func record(_ head: String) { condition.withLock { recorded.append(head) } }

        func opened(_ client: Int32) -> Bool {
            condition.withLock {
                if isStopped { close(client) } else { open.insert(client) }
                return !isStopped
            }
        }

        func closed(_ client: Int32) {
            condition.withLock {
                open.remove(client)
                close(client)
            }
        }

        func wait() {
            condition.withLock { while !isStopped { condition.wait() } }
        }

        func stop() {
            condition.withLock {
                isStopped = true
                for client in open { shutdown(client, Int32(SHUT_RDWR)) }
                condition.broadcast()
            }
        }
    }
}
