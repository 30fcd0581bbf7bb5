import Foundation
import TestSupport

/// A receiver in Python that verifies with the libraries of others: `Tests/Verifiers/verifier.py`.
final class Verifier {
    /// What the libraries said of one call.
    struct Verdict: Equatable {
        let id: String
        let attempt: Int
        /// For each key, in the order given: whether each library believed the call.
        let keys: [[Bool]]
        /// Whether a forgery was believed.
        let wasDeceived: Bool
        let hasBodySignature: Bool
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static let python = root + "/.build/verifiers/bin/python3"

    /// Whether the libraries are installed; `contrib/install-packages --test` does that.
    static var isThere: Bool { FileManager.default.fileExists(atPath: root + "/.build/verifiers/installed.txt") }

    private let scratch: ScratchDirectory
    private let process: Spawn
    let url: String

    /// Starts one that knows these keys, `whsec_…` or `whpk_…`.
    init(_ keys: [String], failingFirst: Bool = false) throws {
        scratch = try ScratchDirectory()
        let output = scratch.path("verdicts")
        process = try Spawn(
            Verifier.python,
            [Verifier.root + "/Tests/Verifiers/verifier.py"] + (failingFirst ? ["--fail-first"] : []) + keys,
            output: output, errors: scratch.path("errors"))
        var port: Int?
        try eventually("the verifier listens", orElse: scratch.text("errors")) { [scratch] in
            port = try? Verifier.lines(scratch).first?.number("port")
            return port != nil
        }
        url = "http://127.0.0.1:\(port ?? 0)/"
    }

    private static func lines(_ scratch: ScratchDirectory) throws -> [Members] {
        let whole = scratch.text("verdicts").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return try whole.map { try Members(Array($0.utf8)) }
    }

    /// What it said so far.
    func verdicts() throws -> [Verdict] {
        try Verifier.lines(scratch).dropFirst().map { line in
            Verdict(
                id: try line.text("id"), attempt: try line.number("attempt"),
                keys: line.all["verdicts"] as? [[Bool]] ?? [], wasDeceived: line.all["deceived"] as? Bool ?? true,
                hasBodySignature: line.all["body_signature"] as? Bool ?? false)
        }
    }

    /// Waits until it has judged so many calls.
    func wait(count: Int) throws -> [Verdict] {
        try eventually("the verifier has judged \(count) calls", orElse: scratch.text("errors")) {
            try verdicts().count >= count
        }
        return try verdicts()
    }
}
