import Foundation
import TestSupport

/// A producer that has a file open for writing.
final class Writer {
    private var descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw HarnessError("\(path) can't be opened: \(String(cString: strerror(errno))).")
        }
    }

    deinit { close() }

    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw HarnessError("A write fell short: \(String(cString: strerror(errno))).")
        }
    }

    func close() {
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
        descriptor = -1
    }
}
