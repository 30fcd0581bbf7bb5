import Foundation
import TestSupport
import Testing

/// A run of the program, judged call by call by what a `StrictDisk` would have kept of it.
struct StrictRun {
    static let calls = [
        "openat", "write", "pwrite64", "ftruncate", "renameat", "renameat2", "linkat", "unlinkat", "mkdirat", "fsync",
        "fdatasync", "syncfs", "sendto",
    ]

    /// What a power cut would have taken although the program, or its next step, relied on it.
    private(set) var violations: [String] = []
    /// How many webhooks, moves and answers were judged.
    private(set) var judged = 0
    private let root: String
    private let unflushed: [String]
    private var disk: StrictDisk

    /// Runs a command on a spool under strace.
    ///
    /// - Parameters:
    ///   - careless: files that whoever wrote them has not flushed; everything else that stands is durable.
    ///   - unflushed: names that a crash came upon before they were flushed.
    ///   - failing: the how manieth flush of a thread fails.
    init(
        _ spool: TestSpool, _ command: [String], careless: [String] = [], unflushed: [String] = [],
        failing: Int? = nil, exits: [Int32] = [0]
    ) throws {
        root = spool.path
        self.unflushed = unflushed
        let standing = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        disk = StrictDisk(root: root, standing: Set(standing), bytes: Set(careless), names: Set(unflushed))
        let (trace, output) = (spool.scratch.path("trace"), spool.scratch.path("daemon.log"))
        unlink(trace)
        let strace = try #require(Binary.strace)
        var options = ["-f", "-qq", "-y", "-s", "1000", "-e", "signal=none", "-o", trace]
        if let failing { options += ["-e", "inject=fsync:error=EIO:when=\(failing)"] }
        options += ["-e", "trace=" + StrictRun.calls.joined(separator: ","), Binary.billhook]
        let status = try Spawn(strace, options + command + ["--spool", root], output: output, errors: output)
            .wait(timeout: .seconds(30))
        #expect(exits.contains(status), "\(command) ended with \(status): \(spool.scratch.text("daemon.log"))")
        for call in TracedCall.all(in: spool.scratch.text("trace")) {
            if !call.hasFailed { judge(call) }
            disk.perform(call)
            // What is dropped comes when it likes: after the flush at the start, too.
            if call.name == "syncfs" { disk.drop(careless.filter { $0.hasPrefix("incoming/") }) }
        }
        judge("when it ended", disk.losses())
    }

    private mutating func judge(_ call: TracedCall) {
        switch call.name {
        case "sendto": judgeWebhook(call)
        // What a command answers, in which people and programs trust.
        case "write" where call.arguments.hasPrefix("1<"): judge("when it answered", disk.losses())
        case "renameat", "renameat2", "linkat": judgeMove(call)
        case "unlinkat": judgeRemoval(call)
        case "fsync": judgeRecord(call)
        default: break
        }
    }

    /// Nothing of a request may be lost of which somebody has heard.
    private mutating func judgeWebhook(_ call: TracedCall) {
        guard let key = call.arguments.firstMatch(of: /\\"key\\":\\"([^\\]*)/)?.output.1 else { return }
        let isOfInvoice = call.arguments.contains(#"\"type\":\"invoice.processed\""#)
        judge("when a webhook told of \(key)", isOfInvoice ? disk.losses(of: String(key)) : lostEvents)
    }

    /// Events have entries of their own, which no key names.
    private var lostEvents: [String] { disk.losses().filter { $0.contains("/+") } }

    /// A file has its bytes, and its reason or its past beside it has its own, before it goes where people see it as done
    /// or dead, or where it can't be told from a whole one; and a mark allows a round only if it lasts.
    private mutating func judgeMove(_ call: TracedCall) {
        guard call.paths.count == 2, let (state, name) = place(call.paths[1]) else { return }
        let source = place(call.paths[0])?.state ?? "elsewhere"
        let beside = [".attempts", ".invoice", ".error"].map { "\(state)/\(name)\($0)" }
        var files = beside
        // What is refused is not read, and so is not flushed: it may be a directory, or belong to somebody else.
        if state != "processing" || name.hasPrefix("+"), !name.hasPrefix("refused-") {
            files.append(String(call.paths[0].dropFirst(root.count + 1)))
        }
        var losses = files.filter(disk.bytes.contains).map { "the bytes of \($0)" }
        // An event's entry is marked where its .attempts stood before.
        if state == "processing", source == "incoming", !name.hasPrefix("+") {
            losses += beside.filter { $0.hasSuffix(".attempts") && disk.names.contains($0) }.map { "the name \($0)" }
        }
        // What raises an event is seen only when the event can't be lost any more.
        if ["done", "dead"].contains(state), !name.hasPrefix("+") { losses += lostEvents }
        judge("when \(name) moved from \(source)/ to \(state)/", losses)
    }

    /// What raised an event is not written down for good before the event: after a cut in between nobody would raise it.
    private mutating func judgeRecord(_ call: TracedCall) {
        guard let path = call.paths.first, let (state, name) = place(path), name.hasSuffix(".json.attempts"),
            !name.hasPrefix("+"), disk.bytes.contains("\(state)/\(name)")
        else { return }
        judge("when \(name) was flushed", lostEvents)
    }

    /// Of two names of a file the one that stays must last before the other goes.
    private mutating func judgeRemoval(_ call: TracedCall) {
        guard let path = call.paths.first, let (state, name) = place(path) else { return }
        let kept = unflushed.filter { $0.hasSuffix("/" + name) && disk.names.contains($0) }
        judge("when \(name) was removed from \(state)/", kept.map { "the name \($0)" })
    }

    private func place(_ path: String) -> (state: String, name: String)? {
        let parts = path.dropFirst(root.count + 1).split(separator: "/", maxSplits: 1)
        // A dot-file is none: at start Billhook tries out whether files can be moved between these directories.
        guard path.hasPrefix(root + "/"), parts.count == 2, !parts.contains(where: { $0.hasPrefix(".") }) else {
            return nil
        }
        return (String(parts[0]), String(parts[1]))
    }

    private mutating func judge(_ moment: String, _ losses: [String]) {
        judged += 1
        if !losses.isEmpty { violations.append("\(moment), a power cut took \(losses.joined(separator: ", "))") }
    }
}
