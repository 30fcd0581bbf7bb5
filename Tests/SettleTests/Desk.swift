import Deliver
import Files
import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Times

/// A spool of its own with one request in processing/, to be settled.
struct Desk {
    let scratch: ScratchDirectory
    let spool: Spool
    let settler: Settler
    let durability: Durability
    let key: Key
    let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    init(durability: Durability = .process) throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
        settler = Settler(spool)
        self.durability = durability
        guard let key = Key("k") else { throw Errno.invalidArgument }
        self.key = key
        for (suffix, text) in [("", "request"), (".invoice", "invoice"), (".attempts", "{}\n")] {
            try put(text, "processing/k.json\(suffix)")
        }
    }

    func put(_ text: String, _ place: String) throws {
        try scratch.write(text, to: "spool/" + place)
    }

    func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: scratch.path("spool/" + from), toPath: scratch.path("spool/" + to))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: scratch.path("spool/" + name))
    }

    func text(_ place: String) throws -> String {
        String(decoding: try scratch.read("spool/" + place), as: UTF8.self)
    }

    func finish() throws -> Settler.Outcome {
        try committing { commit throws(Errno) in try settler.finish(key, now: now, commit: &commit) }
    }

    func finish(recording lines: [AttemptLine]) throws -> Bool {
        try settler.finish(key, recording: lines)
    }

    func bury() throws -> Settler.Outcome {
        try committing { commit throws(Errno) in try settler.explain(key, report, commit: &commit) }
        return try committing { commit throws(Errno) in try settler.bury(key, now: now, commit: &commit) }
    }

    func refuse(_ name: [UInt8]) throws -> String? {
        try committing { commit throws(Errno) in
            try settler.refuse(name, because: "it does not end in .json", now: now, commit: &commit)
        }
    }

    func record(_ lines: [AttemptLine], closingTornLine: Bool = false, due: Timestamp? = nil) throws {
        try committing { commit throws(Errno) in
            try Recorder(spool).record(lines, for: key, closingTornLine: closingTornLine, due: due, commit: &commit)
        }
    }

    private func committing<Answer>(_ step: (inout Commit) throws(Errno) -> Answer) throws(Errno) -> Answer {
        var commit = Commit(durability)
        let answer = try step(&commit)
        try commit.flush(spool)
        return answer
    }

    var report: ErrorReport {
        ErrorReport(code: "delivery_failed", message: "It failed.", stage: .deliver, hint: "Try again.", at: now)
    }

    /// The files of the spool, Billhook's own left out.
    var files: Set<String> {
        scratch.files(below: "spool").filter { !$0.hasPrefix(".billhook/") }
    }

    static func ended(_ subscription: String) -> AttemptLine {
        .ended(
            deliveryID: "msg_\(subscription)", subscription: subscription, reason: .unsubscribed,
            at: Timestamp(nanoseconds: 1_700_000_000_000_000_000))
    }
}
