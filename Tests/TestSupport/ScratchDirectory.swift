import Foundation

/// A new, empty directory for one test, on a file system in memory where there is one; gone with the last reference.
public final class ScratchDirectory: Sendable {
    /// Its absolute path, without a slash at the end.
    public let path: String

    /// Makes the directory below `TMPDIR` if that is set, else below /dev/shm, else below /tmp.
    public init() throws {
        let fallback = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? fallback
        path = parent + "/billhook-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something in it.
    public func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file, making the directories it stands in, and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let target = path(name)
        let parent = URL(fileURLWithPath: target).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: target))
        return target
    }

    /// The content of a file.
    public func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// The files below a directory of it, by their paths from there; the directories themselves are left out.
    public func files(below name: String) -> Set<String> {
        var files: Set<String> = []
        for case let file as String in FileManager.default.enumerator(atPath: path(name)) ?? .init() {
            var isDirectory: ObjCBool = false
            let target = path(name) + "/" + file
            if FileManager.default.fileExists(atPath: target, isDirectory: &isDirectory), isDirectory.boolValue {
                continue
            }
            files.insert(file)
        }
        return files
    }
}
