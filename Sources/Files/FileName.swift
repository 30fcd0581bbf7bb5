internal import Glibc

/// What names a file in a directory: a text, bytes that need not be UTF-8, or a ``FileName``.
public protocol FileNaming {
    /// Makes a system call with the name, and returns what the call does. A name that is too long to be made is told as the
    /// kernel would: -1, and `ENAMETOOLONG`.
    func withPath(_ call: (UnsafePointer<CChar>) -> Int32) -> Int32
}

/// A file name that is made of two parts where a system call wants it, and nowhere else.
///
/// For each invoice about 16 are made of a key, and as a `String` each of them takes 550 instructions, an allocation and
/// its release.
public struct FileName: FileNaming, Sendable, CustomStringConvertible {
    private let stem: String
    private let suffix: StaticString

    public init(_ stem: String, _ suffix: StaticString) {
        self.stem = stem
        self.suffix = suffix
    }

    /// The name where a text is wanted, such as in a message.
    public var text: String { stem + suffix.description }

    public var description: String { text }

    public static func == (text: String?, name: FileName) -> Bool {
        guard let text else { return false }
        return name.withPath { path in text.withCString { strcmp(path, $0) } } == 0
    }

    public static func != (text: String?, name: FileName) -> Bool { !(text == name) }

    public func withPath(_ call: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        withJoinedPath(stem.utf8.span, suffix, call)
    }
}

extension String: FileNaming {
    public func withPath(_ call: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        withCString(call)
    }
}

extension [UInt8]: FileNaming {
    public func withPath(_ call: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        withJoinedPath(span, "", call)
    }
}

/// Joins a name on the stack, where 255 bytes have room: more no file system of Linux takes.
func withJoinedPath(
    _ stem: Span<UInt8>, _ suffix: StaticString, _ call: (UnsafePointer<CChar>) -> Int32
) -> Int32 {
    let length = stem.count + suffix.utf8CodeUnitCount
    guard length <= Int(NAME_MAX) else {
        errno = ENAMETOOLONG
        return -1
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NAME_MAX) + 1) { path in
        guard let start = path.baseAddress else { return -1 }
        stem.withUnsafeBytes { stem in
            if let first = stem.baseAddress { memcpy(start, first, stem.count) }
        }
        memcpy(start + stem.count, suffix.utf8Start, suffix.utf8CodeUnitCount)
        start[length] = 0
        return call(start)
    }
}
