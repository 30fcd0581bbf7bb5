import Glibc
import Operate

/// Results on standard output: unlike a note on standard error, one that can't be written is a failure.
enum Output {
    /// Throws `OperateError` of kind `inputOutput` if it can't be written: a full disk, a closed pipe.
    static func write(_ bytes: [UInt8]) throws(OperateError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR {
                let reason = String(cString: strerror(errno))
                throw OperateError(.inputOutput, "Standard output can't be written: \(reason).")
            }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Writes a line.
    static func line(_ text: String) throws(OperateError) {
        try write(Array((text + "\n").utf8))
    }
}
