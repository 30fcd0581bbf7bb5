internal import Glibc
internal import Synchronization
internal import SystemPackage
internal import Times

/// The names in a directory, as they were listed when it had not changed for a while; its times tell whether they still are.
///
/// Each name that comes or goes changes both of a directory's times, and people can set only one of them. A clock that was
/// set back shows the same times again only if it hits them to the nanosecond.
final class RememberedNames: Sendable {
    private struct Listing: Sendable {
        let times: Times
        /// `nil` if there are more than ``most``.
        let names: KnownNames?
    }

    private struct Times: Equatable, Sendable {
        let modified: Timestamp
        let changed: Timestamp

        /// Whether one of them is no whole second, as some file systems keep them (ext4 with inodes of 128 bytes).
        var haveFractions: Bool { modified.subsecondNanoseconds != 0 || changed.subsecondNanoseconds != 0 }
    }

    /// How long a directory must have been quiet where times are whole seconds: one, and what a change may come late.
    private static let coarseGrain = Duration.seconds(2)

    /// More are not kept: a large directory is not listed whenever it has changed.
    static let most = 1024

    private let age: Duration
    private let listing = Mutex<Listing?>(nil)

    init(quietFor age: Duration) {
        self.age = age
    }

    /// The names that stand in the directory; `nil` if they have to be looked for.
    func names(in directory: Directory) -> KnownNames? {
        var raw = stat()
        guard fstat(directory.descriptor, &raw) == 0 else { return nil }
        let status = FileStatus(raw)
        let times = Times(modified: status.modified, changed: status.changed)
        return listing.withLock { listing in
            if listing?.times != times { listing = list(directory, times) }
            return listing?.names
        }
    }

    private func list(_ directory: Directory, _ times: Times) -> Listing? {
        let needed = times.haveFractions ? age : max(age, RememberedNames.coarseGrain)
        guard Timestamp.now - max(times.modified, times.changed) >= needed else { return nil }
        guard let names = try? DirectoryScan(directory).next(RememberedNames.most + 1) else { return nil }
        let isFew = names.count <= RememberedNames.most
        return Listing(times: times, names: isFew ? KnownNames(names) : nil)
    }
}

/// Names by their hashes, so that none has to be made to be asked for: two that share one cost a look.
struct KnownNames: Sendable {
    private let hashes: Set<Int>

    init(_ names: [[UInt8]]) {
        hashes = Set(names.map { KnownNames.hash($0.span.bytes) })
    }

    /// Whether a name may be among them; what is too long for one may, so that the kernel says so.
    func mayHold(_ name: some FileNaming) -> Bool {
        if hashes.isEmpty { return false }
        return name.withPath { path in
            let bytes = UnsafeBufferPointer(start: path, count: strlen(path))
            return hashes.contains(KnownNames.hash(bytes.span.bytes)) ? 1 : 0
        } != 0
    }

    private static func hash(_ name: RawSpan) -> Int {
        var hasher = Hasher()
        name.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
