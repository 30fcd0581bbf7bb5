internal import CLinux
internal import Glibc
public import SystemPackage

/// A walk over a directory that is taken up a batch at a time, so that a directory of any size costs one batch of
/// memory.
///
/// Names that are created or removed during the walk may or may not be met (`readdir(3)`); names that stand throughout
/// are met once, provided nothing is renamed within the directory. It belongs to one thread at a time.
public final class DirectoryScan {
    /// What the kernel is asked for at once, as readdir(3) asks; eight times as much makes a million names no faster.
    private static let bufferSize = 32_768

    private let directory: Directory
    private let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    /// How much of the buffer holds entries, and where the next one begins.
    private var filled = 0
    private var offset = 0
    private var isOver = false
    /// Where the walk ends; `nil` for the directory's end.
    var end: Int64?
    /// Where the next name stands, or before.
    private(set) var position: Int64 = 0

    private static var alignof: Int { MemoryLayout<dirent>.alignment }

    /// Throws what opening a directory throws.
    public convenience init(_ directory: Directory) throws(Errno) {
        try self.init(directory, bufferSize: DirectoryScan.bufferSize)
    }

    /// - Parameter bufferSize: what the kernel is asked for at once, in bytes.
    init(_ directory: Directory, bufferSize: Int) throws(Errno) {
        self.directory = directory
        descriptor = try directory.reopened()
        buffer = .allocate(byteCount: bufferSize, alignment: DirectoryScan.alignof)
    }

    /// A walk over those names whose positions lie from `start` on and before `end`.
    convenience init(
        _ directory: Directory, from start: Int64, to end: Int64?, bufferSize: Int = DirectoryScan.bufferSize
    ) throws(Errno) {
        try self.init(directory, bufferSize: bufferSize)
        _ = try retryingSize { lseek(descriptor, Int(start), SEEK_SET) }
        position = start
        self.end = end
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
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
            guard try fill() else { return false }
            count += try handOver(limit - count) { (name, _) throws(Errno) in try body(name) }
        }
        return true
    }

    /// Reads the next entries when all that were read have been handed over; returns whether there are any.
    func fill() throws(Errno) -> Bool {
        guard offset == filled else { return true }
        guard !isOver else { return false }
        offset = 0
        filled = 0
        do throws(Errno) {
            filled = try retryingSize { clinux_read_entries(descriptor, buffer.baseAddress, buffer.count) }
        } catch .noSuchFileOrDirectory {
            // It has been removed, and so it is empty; readdir(3) says nothing of it either.
        }
        isOver = filled == 0
        return !isOver
    }

    /// Hands over what was read, up to so many, with the numbers of their inodes; returns how many.
    func handOver(_ limit: Int, _ body: (Span<UInt8>, UInt64) throws(Errno) -> Void) throws(Errno) -> Int {
        var count = 0
        while count < limit, let entry = nextEntry() {
            if let end, entry.next >= end {
                offset = filled
                isOver = true
                guard try !isMet(entry.name, from: end, upTo: entry.next) else { break }
            }
            if entry.name.isDirectoryItself { continue }
            try body(entry.name.span, entry.inode)
            count += 1
        }
        return count
    }

    private func nextEntry() -> (name: UnsafeBufferPointer<UInt8>, inode: UInt64, next: Int64)? {
        guard offset < filled, let start = buffer.baseAddress else { return nil }
        let entry = (start + offset).assumingMemoryBound(to: dirent.self)
        offset += Int(entry.pointee.d_reclen)
        position = Int64(entry.pointee.d_off)
        return (entry.name, UInt64(entry.pointee.d_ino), position)
    }

    /// Whether a walk from a position on meets the name, which stands before `next` or there.
    ///
    /// An entry says where the next one is, as far as was known then: when that has gone, the one that comes instead stands
    /// further on. So of the last one before an end only this tells on which side it is.
    private func isMet(
        _ name: UnsafeBufferPointer<UInt8>, from position: Int64, upTo next: Int64
    ) throws(Errno) -> Bool {
        let beyond = try DirectoryScan(directory, from: position, to: nil, bufferSize: buffer.count)
        while beyond.position <= next, try beyond.fill() {
            while beyond.position <= next, let entry = beyond.nextEntry() {
                if entry.name.elementsEqual(name) { return true }
            }
        }
        return false
    }
}

extension UnsafeMutablePointer<dirent> {
    /// `d_name` is imported as a tuple, so it is read from where that begins.
    fileprivate var name: UnsafeBufferPointer<UInt8> {
        let start = UnsafeRawPointer(self).advanced(by: MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19)
        return UnsafeBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self), count: strlen(start.assumingMemoryBound(to: CChar.self)))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether it is `.` or `..`.
    fileprivate var isDirectoryItself: Bool {
        self[0] == UInt8(ascii: ".") && (count == 1 || count == 2 && self[1] == UInt8(ascii: "."))
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
