import Foundation
import TestSupport

/// A FIFO with a reader who has stopped reading: it is full.
final class FullPipe {
    let path: String
    private let descriptor: Int32
    private var content: [UInt8] = []

    init(_ path: String) throws {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw FullPipe.error("made", path) }
        // Open for both, so that there is a reader and a writer whoever comes and goes.
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw FullPipe.error("opened", path) }
        // Where a page is full the next write takes another, so single bytes come last.
        for piece in [[UInt8](repeating: UInt8(ascii: "\n"), count: 4096), [UInt8(ascii: "\n")]] {
            while Foundation.write(descriptor, piece, piece.count) > 0 {}
        }
    }

    deinit {
        close(descriptor)
    }

    private static func error(_ verb: String, _ path: String) -> HarnessError {
        HarnessError("\(path) can't be \(verb): \(String(cString: strerror(errno))).")
    }

    /// Whether it takes not even a byte.
    var isFull: Bool { Foundation.write(descriptor, "\n", 1) < 0 }

    /// Reads what is in it now; what was ever read, without what it was filled with.
    func read() -> String {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        return String(decoding: content.drop { $0 == UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// The whole lines of it.
    func lines() -> [Substring] {
        read().split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }
}
