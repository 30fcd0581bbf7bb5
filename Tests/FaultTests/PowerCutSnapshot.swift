import Foundation
import TestSupport

/// All files of a spool, read at one time at which nobody changed them.
struct PowerCutSnapshot {
    static let states = ["incoming", "processing", "done", "dead", "hold"]

    /// By directory and name.
    private let files: [String: [String: [UInt8]]]

    init(_ spool: String) throws {
        var files: [String: [String: [UInt8]]] = [:]
        for directory in PowerCutSnapshot.states + ["tmp", "archive", ".billhook/aside"] {
            let path = spool + "/" + directory
            for name in try FileManager.default.contentsOfDirectory(atPath: path) {
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
                if let text = try? FileManager.default.destinationOfSymbolicLink(atPath: path + "/" + name) {
                    files[directory, default: [:]][name] = Array(text.utf8)
                    continue
                }
                let content =
                    isFolder.boolValue ? Data() : try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
                files[directory, default: [:]][name] = [UInt8](content)
            }
        }
        self.files = files
    }

    subscript(directory: String, name: String) -> [UInt8]? { files[directory]?[name] }

    func names(_ directory: String) -> [String] { (files[directory] ?? [:]).keys.sorted() }

    /// The names of the requests in a directory.
    func requests(_ directory: String) -> [String] { names(directory).filter { $0.hasSuffix(".json") } }

    /// The states in which the request of a key stands.
    func states(of key: String) -> [String] {
        PowerCutSnapshot.states.filter { self[$0, key + ".json"] != nil }
    }

    /// A sidecar of a key, wherever it stands.
    func sidecar(_ suffix: String, of key: String) -> [UInt8]? {
        PowerCutSnapshot.states.lazy.compactMap { self[$0, key + ".json" + suffix] }.first
    }

    /// The whole lines of a key's `.attempts`.
    func attempts(of key: String) -> [Members] {
        let bytes = sidecar(".attempts", of: key) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? Members(Array($0)) }
    }

    /// The deliveries of a key that are recorded as delivered, in the round that runs.
    func delivered(of key: String) -> Set<String> {
        var delivered: Set<String> = []
        for line in attempts(of: key) {
            if line.mark == "round" { delivered = [] }
            if line.outcome == "delivered", let id = try? line.text("delivery_id") { delivered.insert(id) }
        }
        return delivered
    }

    /// All names with their sizes, for the reader of a failed test.
    var listing: String {
        files.keys.sorted().map { directory in
            let entries = names(directory).map { "\($0)(\(self[directory, $0]?.count ?? 0))" }
            return "\(directory): \(entries.joined(separator: " "))"
        }.joined(separator: "\n")
    }
}
