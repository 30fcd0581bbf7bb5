public import Foundation

/// A spool of one story, in a directory of its own, and what a person or a producer does with it.
public final class TestSpool: Sendable {
    public static let request = #"{"customer_id":"c-1","amount_cents":100}"#
    public static let directories = [
        "incoming", "processing", "done", "dead", "hold", "archive", "subscriptions", "tmp",
    ]

    public let scratch: ScratchDirectory
    public let path: String

    public init() throws {
        scratch = try ScratchDirectory()
        path = scratch.path("spool")
        for name in TestSpool.directories {
            try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        }
    }

    /// A path at which nothing stands yet.
    public init(path name: String) throws {
        scratch = try ScratchDirectory()
        path = scratch.path(name)
    }

    public func path(_ name: String) -> String { path + "/" + name }

    // MARK: What is done to it

    /// Submits as a careful producer does: written in tmp/, renamed into incoming/.
    public func submit(_ key: String, _ request: String = TestSpool.request) throws {
        let name = "tmp/\(key).\(UUID().uuidString)"
        try write(request, to: name)
        try move(name, to: "incoming/\(key).json")
    }

    public func write(_ text: String, to name: String) throws {
        try Spawn.exclusively { try Data(text.utf8).write(to: URL(fileURLWithPath: path(name))) }
    }

    /// One rename(2), which replaces what has the name.
    public func move(_ name: String, to target: String) throws {
        guard rename(path(name), path(target)) == 0 else {
            throw HarnessError("\(name) can't be renamed to \(target): \(String(cString: strerror(errno))).")
        }
    }

    public func remove(_ name: String) throws {
        guard unlink(path(name)) == 0 else {
            throw HarnessError("\(name) can't be removed: \(String(cString: strerror(errno))).")
        }
    }

    /// Runs a line of shell in the spool, as a person would.
    public func shell(_ line: String) throws {
        let status = try status(ofShell: line)
        guard status == 0 else { throw HarnessError("'\(line)' ended with \(status): \(scratch.text("shell.out"))") }
    }

    /// Runs a line of shell that may fail: `mv` does where Billhook is faster and takes the sidecars itself.
    public func attemptShell(_ line: String) throws {
        _ = try status(ofShell: line)
    }

    private func status(ofShell line: String) throws -> Int32 {
        let output = scratch.path("shell.out")
        unlink(output)
        return try Spawn("/bin/sh", ["-c", "cd '\(path)' || exit\n\(line)"], output: output, errors: output).wait()
    }

    /// Writes a subscription as an operator should: beside, then renamed.
    public func subscribe(_ name: String, _ url: String, retry: [String] = [], with fields: [String: Any] = [:]) throws
    {
        var object = fields
        object["url"] = url
        object["retry"] = object["retry"] ?? retry
        let content = try JSONSerialization.data(withJSONObject: object)
        try content.write(to: URL(fileURLWithPath: path("tmp/\(name).subscription")))
        try move("tmp/\(name).subscription", to: "subscriptions/\(name).json")
    }

    /// Makes a waiting request due: its `.attempts` gets an mtime long past.
    public func makeDue(_ key: String) throws {
        try shell("touch -d '1 hour ago' processing/\(key).json.attempts")
    }

    /// Makes a request due again and again, wherever it is on its way, until it is done.
    public func push(_ key: String) throws {
        try eventually("\(key) is done", orElse: listing()) {
            try attemptShell("touch -c -d '1 hour ago' processing/\(key).json.attempts")
            return contains("done/\(key).json")
        }
    }

    // MARK: What stands in it

    public func contains(_ name: String) -> Bool {
        var status = stat()
        return lstat(path(name), &status) == 0
    }

    public func names(_ directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(directory))) ?? []).sorted()
    }

    /// The names of requests in a state.
    public func requests(_ directory: String) -> [String] { names(directory).filter { $0.hasSuffix(".json") } }

    public func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    public func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// A file of one JSON object.
    public func object(_ name: String) throws -> Members { try Members(try bytes(name)) }

    /// The lines of a key's `.attempts`, in the state in which it stands.
    public func attempts(_ key: String, in state: String) throws -> [Members] {
        try bytes("\(state)/\(key).json.attempts").split(separator: UInt8(ascii: "\n")).map { try Members(Array($0)) }
    }

    /// The id of a key's invoice.
    public func invoiceID(_ key: String, in state: String) throws -> String {
        try object("\(state)/\(key).json.invoice").text("id")
    }

    public func modified(_ name: String) throws -> Date {
        var status = stat()
        guard lstat(path(name), &status) == 0 else { throw HarnessError("\(name) is not there.") }
        return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
    }

    // MARK: Waiting

    /// Waits until a name stands.
    public func wait(for name: String, timeout: Duration = .seconds(20)) throws {
        try eventually("\(name) stands", timeout: timeout, orElse: listing()) { contains(name) }
    }

    /// Waits until a name has gone.
    public func waitUntilGone(_ name: String) throws {
        try eventually("\(name) has gone", orElse: listing()) { !contains(name) }
    }

    /// Waits until a key's `.attempts` has so many lines that fit.
    public func waitForAttempts(
        _ key: String, count: Int, in state: String = "processing", where fits: (Members) -> Bool = { _ in true }
    )
        throws
    {
        try eventually("\(key) has \(count) attempt lines", orElse: listing()) {
            ((try? attempts(key, in: state)) ?? []).filter(fits).count >= count
        }
    }

    /// All of it, for the reader of a failed story.
    public func listing() -> String {
        var lines = TestSpool.directories.compactMap { directory -> String? in
            let names = names(directory)
            return names.isEmpty ? nil : "\(directory): \(names.prefix(20).joined(separator: " "))"
        }
        lines.append(String(scratch.text("daemon.log").suffix(4000)))
        return "\n" + lines.joined(separator: "\n")
    }
}

extension ScratchDirectory {
    /// The text of a file, empty if there is none.
    public func text(_ name: String) -> String {
        (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
    }
}
