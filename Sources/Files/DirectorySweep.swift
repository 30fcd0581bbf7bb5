internal import Synchronization
public import SystemPackage

/// A walk over a large directory that is taken up a round at a time, as a ``DirectoryScan`` is, and looks at what it finds; on
/// ext4 several threads do it.
///
/// What a look at a file waits for is mostly the disk, and so is what reading the directory waits for; a disk answers many at once
/// faster than one after the other. A start over a million requests that wait, each of which is asked for its time, takes 6.1 s
/// with one reader and 4.3 s with eight of them; 45 s, and 18 to 29, from a disk that has not read any of it lately.
///
/// It belongs to one thread at a time.
public final class DirectorySweep {
    /// While the kernel fills it, nobody else can make, move or remove a name in the directory, and each block of ext4's that is
    /// not in memory is read from the disk meanwhile: so it is one block's worth of names. From a disk that has read none of a
    /// million lately, a new drop waits 0.09 s at the most in the median of 28 starts, and 0.6 with eight blocks' worth.
    private static let bufferSize = 4096

    private let directory: Directory
    private let readers: Int
    /// So many names are read by one, before the rest is divided; `nil` once it is.
    private var few: Int?
    private var scans: [DirectoryScan]

    /// Throws what opening a directory throws.
    public convenience init(_ directory: Directory) throws(Errno) {
        try self.init(directory, few: 10_000, readers: 8)
    }

    /// - Parameters:
    ///   - few: so many names are read by one, before the rest is divided.
    ///   - readers: how many there are then.
    init(_ directory: Directory, few: Int, readers: Int) throws(Errno) {
        self.directory = directory
        self.few = few
        self.readers = readers
        scans = [try DirectoryScan(directory, bufferSize: DirectorySweep.bufferSize)]
    }

    /// Whether there is nothing more to read.
    public var isOver: Bool { scans.isEmpty }

    /// What is found by a look at each of the next names, about so many; those for which `look` answers `nil` are left out. It
    /// is called on several threads at once.
    ///
    /// Throws what reading the directory does, and what `look` does; the walk can't be taken up again then.
    public func next<Found: Sendable>(
        _ limit: Int, _ look: @Sendable (Span<UInt8>) throws(Errno) -> Found?
    ) throws(Errno) -> [Found] {
        let share = max(1, limit / max(1, scans.count))
        let scans = scans
        let round = Mutex(Round<Found>(isOver: Array(repeating: false, count: scans.count)))
        let untaken = Atomic(0)
        atOnce(scans.count) {
            while case let part = untaken.add(1, ordering: .relaxed).oldValue, part < scans.count {
                var found: [Found] = []
                do throws(Errno) {
                    let hasMore = try scans[part].forEach(share) { name throws(Errno) in
                        if let one = try look(name) { found.append(one) }
                    }
                    round.withLock {
                        $0.found += found
                        $0.isOver[part] = !hasMore
                    }
                } catch {
                    round.withLock { $0.failure = $0.failure ?? error }
                }
            }
        }
        let result = round.withLock { $0 }
        if let error = result.failure { throw error }
        self.scans = zip(scans, result.isOver).filter { !$0.1 }.map(\.0)
        try divide(afterReading: limit)
        return result.found
    }

    private func divide(afterReading count: Int) throws(Errno) {
        guard let few, let first = scans.first else { return }
        guard count >= few else {
            self.few = few - count
            return
        }
        self.few = nil
        let seams = directory.seams(after: first.position, readers)
        first.end = seams.first
        for (index, seam) in seams.enumerated() {
            let end = index + 1 < seams.count ? seams[index + 1] : nil
            scans.append(
                try DirectoryScan(directory, from: seam, to: end, bufferSize: DirectorySweep.bufferSize))
        }
    }
}

private struct Round<Found: Sendable> {
    var found: [Found] = []
    var isOver: [Bool]
    var failure: Errno?
}
