import Foundation

/// A disk that keeps nothing but what was flushed, and gives no order to the rest: stricter than any file system that
/// holds a journal, on which the flush of one thing often carries others along.
///
/// It is told the system calls of a run, as `strace -f -y` wrote them, and answers what a power cut would take at that
/// moment. Removals are no concern of it: what comes back is a second name, which recovery merges.
struct StrictDisk {
    /// Where what is promised stands; the rest of a spool is Billhook's own, or a writer's.
    private static let places = ["incoming", "processing", "done", "dead", "hold", "archive", "subscriptions"]
    /// What of Billhook's own has to last.
    private static let own = [" .billhook/id", " .billhook/settings"]

    private let root: String
    private var standing: Set<String>
    /// Files whose bytes were written since they were flushed.
    private(set) var bytes: Set<String>
    /// Files whose flush failed: the bytes are dropped, and the next flush of the same file calls itself a success.
    private var spoilt: Set<String> = []
    /// Names that were made since their directory was flushed.
    private(set) var names: Set<String>

    /// - Parameters:
    ///   - root: the spool's path; all others are told below it.
    ///   - standing: what stands there before the run.
    ///   - bytes: files that their writers have not flushed, or will not have.
    ///   - names: names that nobody has flushed.
    init(root: String, standing: Set<String>, bytes: Set<String>, names: Set<String>) {
        self.root = root
        self.standing = standing
        self.bytes = bytes
        self.names = names
    }

    /// What a power cut would take now, of the files of one key or of all.
    func losses(of key: String? = nil) -> [String] {
        // A dot-file is a trial of Billhook's own.
        let all = bytes.union(spoilt).map { "the bytes of \($0)" } + names.map { "the name \($0)" }
        return all.filter { loss in
            if StrictDisk.own.contains(where: loss.hasSuffix) { return key == nil }
            guard StrictDisk.places.contains(where: { loss.contains(" \($0)/") }), !loss.contains("/.") else {
                return false
            }
            return key.map { loss.contains("/\($0).json") } ?? true
        }.sorted()
    }

    mutating func perform(_ call: TracedCall) {
        let paths = call.paths.map(below)
        switch (call.name, paths.count) {
        case ("openat", 1...) where call.arguments.contains("O_CREAT"): open(paths[0], call)
        case ("write", 1...), ("pwrite64", 1...): write(paths[0])
        case ("ftruncate", 1...): cut(paths[0])
        case ("renameat", 2...), ("renameat2", 2...): rename(paths[0], to: paths[1])
        case ("linkat", 2...): link(paths[0], as: paths[1])
        case ("unlinkat", 1...): remove(paths[0])
        case ("mkdirat", 1...): make(paths[0])
        case ("fsync", 1...) where call.hasFailed: spoil(paths[0])
        case ("fsync", 1...), ("fdatasync", 1...): flush(paths[0])
        case ("syncfs", _):
            bytes = []
            names = []
        default: break
        }
    }

    /// Files that somebody drops now, without flushing them.
    mutating func drop(_ files: [String]) {
        bytes.formUnion(files.filter(standing.contains))
    }

    private func below(_ path: String) -> String? {
        if path == root { return "" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.utf8.count + 1)) : nil
    }

    private mutating func open(_ path: String?, _ call: TracedCall) {
        guard let path else { return }
        if standing.insert(path).inserted {
            names.insert(path)
        } else if call.arguments.contains("O_TRUNC") {
            bytes.insert(path)
            spoilt.remove(path)
        }
    }

    private mutating func write(_ path: String?) {
        if let path, standing.contains(path) { bytes.insert(path) }
    }

    /// What was dropped has been cut off, and comes again.
    private mutating func cut(_ path: String?) {
        if let path { spoilt.remove(path) }
        write(path)
    }

    private mutating func make(_ path: String?) {
        if let path, standing.insert(path).inserted { names.insert(path) }
    }

    private mutating func rename(_ path: String?, to newPath: String?) {
        link(path, as: newPath)
        remove(path)
    }

    private mutating func link(_ path: String?, as newPath: String?) {
        guard let newPath else { return }
        standing.insert(newPath)
        names.insert(newPath)
        if let path, bytes.contains(path) { bytes.insert(newPath) } else { bytes.remove(newPath) }
        if let path, spoilt.contains(path) { spoilt.insert(newPath) } else { spoilt.remove(newPath) }
    }

    private mutating func remove(_ path: String?) {
        guard let path else { return }
        standing.remove(path)
        bytes.remove(path)
        spoilt.remove(path)
        names.remove(path)
    }

    private mutating func spoil(_ path: String?) {
        if let path, bytes.remove(path) != nil { spoilt.insert(path) }
    }

    private mutating func flush(_ path: String?) {
        guard let path else { return }
        bytes.remove(path)
        names = names.filter { ($0 as NSString).deletingLastPathComponent != path }
    }
}
