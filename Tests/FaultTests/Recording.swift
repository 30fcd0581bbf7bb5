import Foundation

/// The calls of an unharmed run, as `strace -f -y` wrote them, and which of them differ.
struct Recording {
    /// The system calls whose n-th occurrences are walked.
    static let writing = [
        "renameat2", "renameat", "linkat", "unlinkat", "openat", "write", "ftruncate", "fsync", "syncfs", "utimensat",
        "mkdirat",
    ]
    /// These change nothing: a kill before them is a kill before the next one above. They can fail, though.
    static let reading = ["pread64", "getdents64", "newfstatat", "faccessat2", "fstat"]

    private(set) var points: [(call: String, occurrence: Int)] = []

    /// - Parameter all: every occurrence; else those that are the first of their kind: the call, the kinds of the files
    ///   that it names and, for one that changes something, the kind of the call before it.
    init(_ text: String, of calls: [String], all: Bool) {
        var counts: [String: Int] = [:]
        var previous: [Substring: String] = [:]
        var known: Set<String> = []
        var seen: Set<String> = []
        for line in text.split(separator: "\n") {
            guard let match = line.prefixMatch(of: /(\d+) +(\w+)\((.*)/) else { continue }
            let (thread, call) = (match.output.1, String(match.output.2))
            let count = counts["\(thread) \(call)", default: 0] + 1
            counts["\(thread) \(call)"] = count
            let kind = call + " " + Recording.kind(of: match.output.3)
            let context = Recording.reading.contains(call) ? "" : previous[thread] ?? ""
            let isNew = known.insert(context + " > " + kind).inserted
            previous[thread] = kind
            guard calls.contains(call), isNew || all, seen.insert("\(call) \(count)").inserted else { continue }
            points.append((call, count))
        }
    }

    /// The names in a call's arguments without what differs from key to key.
    private static func kind(of arguments: Substring) -> String {
        arguments.matches(of: /"([^"]*)"|<([^>]*)>|O_[A-Z_|]+/).prefix(4).map { match in
            let text = String(match.output.0)
            if text.hasPrefix("O_") { return text }
            let path = text.dropFirst().dropLast()
            let directory = path.split(separator: "/").dropLast().last.map { $0 + "/" } ?? ""
            let isEntry = path.contains("+evt_")
            let end = path.range(of: isEntry ? "+evt_" : ".json")?.lowerBound
            let name = path.split(separator: "/").last ?? ""
            let suffix = (end.map { path[$0...] } ?? name).replacing(/[0-9a-f]{32}/, with: "")
            return "\(directory)\(suffix.prefix { $0 != "~" })\(path.contains(".conflict-") ? " conflict" : "")"
        }.joined(separator: ", ")
    }
}
