import Foundation

/// One connection of a receiver: reads calls and does with them what the script says, until either side closes.
final class ReceiverConnection {
    private let socket: Int32
    private let number: Int
    private let script: Receiver.Script
    private let log: CallLog
    private var input: [UInt8] = []

    init(_ socket: Int32, number: Int, script: @escaping Receiver.Script, log: CallLog) {
        self.socket = socket
        self.number = number
        self.script = script
        self.log = log
    }

    func serve() {
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        while let call = nextCall(), perform(script(call)) {}
        log.closed(number, socket)
    }

    /// Reads one request; `nil` when the other side is done, the bytes are no request, or the receiver has stopped.
    private func nextCall() -> Call? {
        guard let end = readHeader() else { return nil }
        let lines = String(decoding: input[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        input.removeFirst(end + 4)
        let start = lines[0].split(separator: " ")
        guard start.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        while input.count < length { guard readMore() else { return nil } }
        let body = [UInt8](input.prefix(length))
        input.removeFirst(length)
        return log.record { index in
            Call(
                method: String(start[0]), path: String(start[1]), headers: headers, body: body, index: index,
                connection: number)
        }
    }

    /// Reads to the empty line; the length of what comes before it.
    private func readHeader() -> Int? {
        var searched = 0
        while true {
            if let end = input[searched...].firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound { return end }
            searched = max(0, input.count - 3)
            guard readMore() else { return nil }
        }
    }

    private func readMore() -> Bool {
        let added = withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer -> Int in
            var count = 0
            repeat { count = recv(socket, buffer.baseAddress, buffer.count, 0) } while count < 0 && errno == EINTR
            if count > 0 { input.append(contentsOf: buffer[..<count]) }
            return count
        }
        return added > 0
    }

    /// Answers; whether the connection goes on.
    private func perform(_ answer: Answer) -> Bool {
        switch answer {
        case .status(let status, let headers, let body):
            return send(response(status, headers: headers, body: body))
        case .raw(let bytes):
            _ = send(bytes)
            return false
        case .stall:
            return log.waitForRelease() && send(response(200, headers: [], body: []))
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            return false
        case .halfHeader:
            _ = send(Array("HTTP/1.1 200 OK\r\nContent-Le".utf8))
            return false
        case .close:
            return false
        case .drip(let status, let length, let piece):
            let header = "HTTP/1.1 \(status) Scripted\r\nContent-Length: \(length)\r\n\r\n"
            _ = send(Array(header.utf8) + piece) && log.waitForRelease()
            return false
        case .endless(let status):
            let piece = [UInt8](repeating: UInt8(ascii: "e"), count: 16 * 1024)
            _ = send(Array("HTTP/1.1 \(status) Scripted\r\n\r\n".utf8))
            while send(piece) {}
            return false
        }
    }

    private func response(_ status: Int, headers: [(String, String)], body: [UInt8]) -> [UInt8] {
        var text = "HTTP/1.1 \(status) Scripted\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8) + body
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
