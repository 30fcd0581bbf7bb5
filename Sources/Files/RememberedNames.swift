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
        let names: Set<String>?
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

    /// Whether none of the names is known to stand in the directory; `false` if they have to be looked for.
    func exclude(_ names: [String], from directory: Directory) -> Bool {
        var raw = stat()
        guard fstat(directory.descriptor, &raw) == 0 else { return false }
        let status = FileStatus(raw)
        let times = Times(modified: status.modified, changed: status.changed)
        return listing.withLock { listing in
            if listing?.times != times { listing = list(directory, times) }
            guard let known = listing?.names else { return false }
            return !names.contains(where: known.contains)
        }
    }

    private func list(_ directory: Directory, _ times: Times) -> Listing? {
        let needed = times.haveFractions ? age : max(age, RememberedNames.coarseGrain)
        guard Timestamp.now - max(times.modified, times.changed) >= needed else { return nil }
        guard let names = try? DirectoryScan(directory).next(RememberedNames.most + 1) else { return nil }
        let isFew = names.count <= RememberedNames.most
        return Listing(times: times, names: isFew ? Set(names.map { String(decoding: $0, as: UTF8.self) }) : nil)
    }
}
