import Foundation

/// Everything that stands in a spool at a moment, the lock and the published figures left out.
struct Snapshot: Equatable {
    struct Entry: Equatable {
        let inode: UInt64
        let mode: UInt32
        /// Nothing for what is not a regular file.
        let bytes: [UInt8]
    }

    /// By path below the spool.
    private(set) var entries: [String: Entry] = [:]

    private static let ignored: Set<String> = [
        ".billhook/lock", ".billhook/status.json", ".billhook/status.json.next",
    ]

    init(of path: String) throws {
        let root = URL(fileURLWithPath: path)
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            var status = stat()
            guard !Snapshot.ignored.contains(name), lstat(path + "/" + name, &status) == 0 else { continue }
            let isFile = status.st_mode & S_IFMT == S_IFREG
            let bytes = isFile ? [UInt8](try Data(contentsOf: root.appendingPathComponent(name))) : []
            entries[name] = Entry(inode: UInt64(status.st_ino), mode: status.st_mode, bytes: bytes)
        }
    }

    subscript(path: String) -> Entry? { entries[path] }

    /// Names with a suffix, below one of these directories.
    func paths(_ suffix: String, in directories: [String]) -> [String] {
        entries.keys.filter { path in
            path.hasSuffix(suffix) && directories.contains { path.hasPrefix($0 + "/") }
        }.sorted()
    }

    /// What each file is, in words that are the same in every copy of the scenario: names without the marks that come
    /// from the clock, requests by their content, sidecars by what they say.
    var outline: Set<String> {
        Set(entries.compactMap { path, entry in Snapshot.outline(path, entry) })
    }

    private static func outline(_ path: String, _ entry: Entry) -> String? {
        let name = path.replacing(/\.[0-9a-f]{8}(?=\.json)/, with: ".MARK").replacing(/\d{4}-\d\d-\d\d/, with: "DAY")
            .replacing(/\+evt_[0-9a-f]{32}/, with: "+EVENT")
        if name.hasPrefix("subscriptions/") || name == ".billhook/id" { return nil }
        switch entry.mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: return name + "/"
        default: return name + " special"
        }
        if name.hasSuffix("+EVENT.json") { return name + ": " + event(entry.bytes) }
        if name.hasSuffix(".attempts") { return name }
        if name.hasSuffix(".error") { return name + ": " + (member("code", of: entry.bytes) ?? "torn") }
        if name.hasSuffix(".invoice") { return name + ": " + (member("key", of: entry.bytes) ?? "torn") }
        return name + ": " + String(decoding: entry.bytes, as: UTF8.self)
    }

    /// What an event's entry tells of; its ids and times are others in each copy.
    private static func event(_ bytes: [UInt8]) -> String {
        let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let data = object?["data"] as? [String: Any]
        return "\(object?["type"] ?? "torn") \(data?["key"] ?? "")"
    }

    static func member(_ name: String, of bytes: [UInt8]) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        return object?[name] as? String
    }

    /// For the reader of a failed walk.
    var listing: String {
        entries.filter { $0.value.mode & S_IFMT != S_IFDIR }.map { path, entry in
            "\(path) \(entry.bytes.count) bytes, inode \(entry.inode)"
        }.sorted().joined(separator: "\n")
    }

    func changes(to later: Snapshot) -> [String] {
        var changes: [String] = []
        for (path, entry) in entries where later[path] != entry {
            changes.append(later[path] == nil ? "\(path) has gone" : "\(path) has changed")
        }
        for path in later.entries.keys where entries[path] == nil { changes.append("\(path) is new") }
        return changes.sorted()
    }
}
