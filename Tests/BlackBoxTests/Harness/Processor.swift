import Foundation
import TestSupport

/// A shell script that processes invoices, and notes each of its runs in a file beside itself.
struct Processor {
    let path: String
    private let runsFile: String

    /// - Parameter body: shell; `$here` is its directory, and the invoice stands in `$invoice`.
    init(_ spool: TestSpool, _ body: String) throws {
        path = spool.scratch.path("processor")
        runsFile = spool.scratch.path("runs")
        try write(body)
    }

    /// Replaces the script, by a rename as one should.
    func write(_ body: String) throws {
        let script = """
            #!/bin/sh
            here=$(dirname "$0")
            invoice=$(cat)
            echo "$INVOICE_KEY" >> "$here/runs"
            \(body)

            """
        try Spawn.exclusively { try Data(script.utf8).write(to: URL(fileURLWithPath: path + ".new")) }
        chmod(path + ".new", 0o755)
        rename(path + ".new", path)
    }

    var arguments: [String] { ["--processor", path] }

    /// The key of each run, in order.
    var runs: [String] {
        ((try? String(contentsOfFile: runsFile, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    func waitForRuns(_ count: Int) throws {
        try eventually("\(count) runs of the processor", orElse: "\(runs)") { runs.count >= count }
    }
}

extension Stage {
    /// A daemon with a processor; `body` is shell.
    convenience init(
        processor body: String, _ arguments: [String] = [], prepare: @escaping (TestSpool) throws -> Void = { _ in }
    ) throws {
        let spool = try TestSpool()
        let processor = try Processor(spool, body)
        try self.init(spool, processor.arguments + arguments, prepare: prepare)
        self.processor = processor
    }
}
