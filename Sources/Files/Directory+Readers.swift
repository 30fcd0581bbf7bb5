internal import CLinux
internal import Glibc
internal import Synchronization
public import SystemPackage

extension Directory {
    /// Hands over all names, each where it lies, as ``DirectoryScan/forEach(_:_:)`` does, and the number of its inode; those of a
    /// large directory on ext4 in no order, since several threads read it. They call `body` one at a time.
    ///
    /// ext4 reads the blocks of a hashed directory one after the other as they are wanted, each from another place of the disk,
    /// and hashes every name. Three million names take two processors 0.6 s, where they take one 1.3 s; from a disk that
    /// has not read them lately it is 1.4 s with 16 readers, with 8 of them 2.1 s, and with one 5.3 s. More gain nothing.
    ///
    /// - Throws: what reading the directory does, and what `body` does.
    public func forEachName(_ body: (Span<UInt8>, UInt64) throws(Errno) -> Void) throws(Errno) {
        try forEachName(few: 10_000, readers: 16, body)
    }

    /// - Parameters:
    ///   - few: so many names are read by one, before the rest is divided.
    ///   - readers: how many there are then.
    func forEachName(
        few: Int, readers: Int, _ body: (Span<UInt8>, UInt64) throws(Errno) -> Void
    ) throws(Errno) {
        let first = try DirectoryScan(self)
        var count = 0
        while count < few {
            guard try first.fill() else { return }
            count += try first.handOver(few - count, body)
        }
        let seams = seams(after: first.position, readers)
        first.end = seams.first
        let untaken = Atomic(0)
        let failure = Mutex<Errno?>(nil)
        atOnce(seams.count + 1) {
            while case let part = untaken.add(1, ordering: .relaxed).oldValue, part <= seams.count {
                do throws(Errno) {
                    let end = part < seams.count ? seams[part] : nil
                    let scan = part == 0 ? first : try DirectoryScan(self, from: seams[part - 1], to: end)
                    while try scan.fill() {
                        let isToGoOn = failure.withLock { failure in
                            guard failure == nil else { return false }
                            do throws(Errno) { _ = try scan.handOver(.max, body) } catch { failure = error }
                            return failure == nil
                        }
                        guard isToGoOn else { return }
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Positions that divide what comes after one into so many parts of about the same size; none where positions are not
    /// evenly distributed, or not to be made up.
    ///
    /// In a hashed directory of ext4 the upper half of a position is the name's hash, and reading goes on at the first name
    /// that has the position or a later one (fs/ext4/dir.c). Without the hashes, positions are small: offsets in bytes.
    func seams(after position: Int64, _ parts: Int) -> [Int64] {
        guard position > UInt32.max, clinux_is_ext4(descriptor) == 1 else { return [] }
        let part = (Int64.max - position) / Int64(parts)
        return (1..<max(1, Int64(parts))).map { position + $0 * part }
    }
}
