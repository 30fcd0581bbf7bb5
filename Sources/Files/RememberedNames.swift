internal import Glibc
internal import Synchronization
internal import SystemPackage
internal import Times

/// The names in a directory, as they were listed when it had not changed for a while; its times tell whether they still are.
///
/// Each name that comes or goes changes both of a directory's times, and people can set only one of them. A clock that was
/// set back shows the same times again only if it hits them to the nanosecond.
final class RememberedNames: Sendable {
    struct Times: Equatable, Sendable {
        let modified: Timestamp
        let changed: Timestamp

        /// The times of a directory as it is now; `nil` if they can't be had.
        init?(of directory: Directory) {
            var raw = stat()
            guard fstat(directory.descriptor, &raw) == 0 else { return nil }
            let status = FileStatus(raw)
            modified = status.modified
            changed = status.changed
        }

        /// Whether one of them is no whole second, as some file systems keep them (ext4 with inodes of 128 bytes).
        var haveFractions: Bool { modified.subsecondNanoseconds != 0 || changed.subsecondNanoseconds != 0 }
    }

    /// How long a directory must have been quiet where times are whole seconds: one, and what a change may come late.
    private static let coarseGrain = Duration.seconds(2)

    /// More are not kept: a large directory is not listed whenever it has changed.
    static let most = 1024

    private let age: Duration
    private let known = Mutex<Directory.Listing?>(nil)

    init(quietFor age: Duration) {
        self.age = age
    }

    /// What stands in the directory; `nil` if it has to be looked for.
    func listing(of directory: Directory) -> Directory.Listing? {
        guard let times = Times(of: directory) else { return nil }
        return known.withLock { known in
            if known?.times != times { known = list(directory, times) }
            return known?.isWhole == true ? known : nil
        }
    }

    private func list(_ directory: Directory, _ times: Times) -> Directory.Listing? {
        let needed = times.haveFractions ? age : max(age, RememberedNames.coarseGrain)
        guard Timestamp.now - max(times.modified, times.changed) >= needed else { return nil }
        guard let names = try? DirectoryScan(directory).next(RememberedNames.most + 1) else { return nil }
        return Directory.Listing(names, isWhole: names.count <= RememberedNames.most, times)
    }
}

extension Directory {
    /// The names that stood in a directory at its times.
    public struct Listing: Sendable {
        let times: RememberedNames.Times
        /// Whether all names were kept; none are if there are more than ``RememberedNames/most``.
        fileprivate let isWhole: Bool
        private let names: KnownNames

        fileprivate init(_ names: [[UInt8]], isWhole: Bool, _ times: RememberedNames.Times) {
            self.times = times
            self.isWhole = isWhole
            self.names = KnownNames(isWhole ? names : [])
        }

        public var isEmpty: Bool { names.isEmpty }

        /// Whether a name may have stood there: where not, it did not.
        public func mayHold(_ name: some FileNaming) -> Bool { names.mayHold(name) }
    }

    /// What stands in a directory that remembers its names; `nil` if each name has to be looked for.
    public func listing() -> Listing? { remembered?.listing(of: self) }

    /// Whether nothing has come, gone or been replaced since it was listed.
    public func isUnchanged(since listing: Listing) -> Bool { RememberedNames.Times(of: self) == listing.times }
}

/// Names by their hashes, so that none has to be made to be asked for: two that share one cost a look.
private struct KnownNames: Sendable {
    private let hashes: Set<Int>

    init(_ names: [[UInt8]]) {
        hashes = Set(names.map { KnownNames.hash($0.span.bytes) })
    }

    var isEmpty: Bool { hashes.isEmpty }

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
