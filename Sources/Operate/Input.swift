public import SystemPackage

/// The bytes that a person hands over: a file by its path, or standard input. Symbolic links are followed and pipes may
/// be read, unlike in the spool, because here the person who names the file is the one who reads it.
public struct Input: ~Copyable {
    private let descriptor: FileDescriptor
    private let isOwned: Bool

    /// Opens a file. Throws what `open(2)` does.
    public init(_ path: FilePath) throws(Errno) {
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch {
            throw error as? Errno ?? .ioError
        }
        isOwned = true
    }

    private init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        isOwned = false
    }

    /// Standard input, which is not closed.
    public static func standardInput() -> Input { Input(.standardInput) }

    deinit {
        if isOwned { try? descriptor.close() }
    }

    /// The size in bytes of a regular file; `nil` for a pipe or a terminal.
    public var size: Int64? {
        guard let here = try? descriptor.seek(offset: 0, from: .current),
            let end = try? descriptor.seek(offset: 0, from: .end)
        else { return nil }
        _ = try? descriptor.seek(offset: here, from: .start)
        return end
    }

    /// What is there, at most `limit` bytes; empty at the end. Throws what `read(2)` does.
    public func next(_ limit: Int = 256 << 10) throws(Errno) -> [UInt8] {
        do {
            return try unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                count = try unsafe descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    /// Everything up to `limit` bytes.
    public func all(upTo limit: Int) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let chunk = try next(min(256 << 10, limit - bytes.count))
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
        return bytes
    }
}
