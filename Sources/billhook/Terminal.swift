import Glibc

/// Standard error, by descriptor. Results go to standard output, by `Output`.
enum Terminal {
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func printError(_ line: String) {
        write(Array((line + "\n").utf8))
    }

    /// Writes over the line that the cursor stands in.
    static func overwriteErrorLine(_ line: String) {
        write(Array(("\r\u{1B}[K" + line).utf8))
    }

    /// What can't be written is dropped: there is nobody left to be told.
    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0 && errno == EAGAIN {
                // Whoever shares the open file has made it non-blocking, for all.
                var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, -1)
            } else if written < 0 && errno != EINTR {
                return
            }
            rest = rest.dropFirst(max(0, written))
        }
    }
}
