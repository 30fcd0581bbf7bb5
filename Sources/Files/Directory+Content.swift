public import SystemPackage

extension Directory {
    /// Reads a whole file up to `limit` bytes; `nil` if it does not stand.
    public func read(_ name: some FileNaming, upTo limit: Int = 64 << 20) throws(Errno) -> [UInt8]? {
        do {
            let file = try File.reading(name, in: self)
            return try file.read(upTo: limit, expecting: try file.status().size)
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    /// Writes a file anew, content and all, and flushes it if `durably`. Not atomic: for files that a crash may leave
    /// torn because they are written again then.
    public func write(_ name: some FileNaming, _ bytes: [UInt8], durably: Bool) throws(Errno) {
        let file = try File.replacing(name, in: self)
        try file.write(bytes)
        if durably { try file.sync() }
    }
}
