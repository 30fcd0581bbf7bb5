internal import Glibc
public import SystemPackage

/// A walk over a directory that is taken up a batch at a time, so that a directory of any size costs one batch of
/// memory.
///
/// Names that are created or removed during the walk may or may not be met (`readdir(3)`); names that stand throughout
/// are met once, provided nothing is renamed within the directory. It belongs to one thread.
public final class DirectoryScan {
    private let stream: OpaquePointer

    /// Throws what opening a directory throws.
    public init(_ directory: Directory) throws(Errno) {
        let descriptor = try directory.reopened()
        guard let stream = fdopendir(descriptor) else {
            let code = Errno(rawValue: errno)
            close(descriptor)
            throw code
        }
        self.stream = stream
    }

    deinit {
        closedir(stream)
    }

    /// The next names, `.` and `..` left out; fewer than `limit` only at the end.
    public func next(_ limit: Int) throws(Errno) -> [[UInt8]] {
        var names: [[UInt8]] = []
        names.reserveCapacity(limit)
        try forEach(limit) { name in
            names.append(
                [UInt8](unsafeUninitializedCapacity: name.count) { buffer, count in
                    for index in name.indices { buffer.initializeElement(at: index, to: name[index]) }
                    count = name.count
                })
        }
        return names
    }

    /// Hands over the next names one by one where they lie, which spares a million of them a copy each; returns whether
    /// there may be more after these.
    ///
    /// Throws what reading the directory does, and what `body` does.
    @discardableResult
    public func forEach(_ limit: Int, _ body: (Span<UInt8>) throws(Errno) -> Void) throws(Errno) -> Bool {
        var count = 0
        while count < limit {
            errno = 0
            guard let entry = readdir(stream) else {
                let code = Errno(rawValue: errno)
                if code == .interrupted { continue }
                if code.rawValue != 0 { throw code }
                return false
            }
            let start = UnsafeRawPointer(entry.nameStart).assumingMemoryBound(to: UInt8.self)
            let length = strlen(entry.nameStart)
            if start[0] == UInt8(ascii: "."), length == 1 || length == 2 && start[1] == UInt8(ascii: ".") { continue }
            try body(UnsafeBufferPointer(start: start, count: length).span)
            count += 1
        }
        return true
    }
}

extension UnsafeMutablePointer<dirent> {
    /// `d_name` is imported as a tuple; this is where it begins.
    fileprivate var nameStart: UnsafePointer<CChar> {
        UnsafeRawPointer(self).advanced(by: MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19)
            .assumingMemoryBound(to: CChar.self)
    }
}

extension Directory {
    /// A second descriptor with a read position of its own.
    func reopened() throws(Errno) -> Int32 {
        try retrying { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }

    /// All names that stand in the directory, for the small ones: subscriptions/, aside/.
    public func names() throws(Errno) -> [[UInt8]] {
        let scan = try DirectoryScan(self)
        var all: [[UInt8]] = []
        while true {
            let batch = try scan.next(1024)
            all += batch
            if batch.count < 1024 { return all }
        }
    }
}
