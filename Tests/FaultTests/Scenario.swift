import Foundation
import TestSupport

/// A spool in which one run meets every transition: what the daemon left, and what people and producers did to it while
/// it was stopped.
///
/// It is prepared once, by the daemon itself, and copied for each walk.
final class Scenario: Sendable {
    static let request = #"{"customer_id":"c-1","amount_cents":100}"#
    static let sameValue = #"{ "amount_cents": 100, "customer_id": "c-1" }"#
    static let otherRequest = #"{"customer_id":"c-2","amount_cents":200}"#
    static let invalid = #"{"customer_id":"c-1","amount_cents":-1}"#

    private let template: TestSpool

    init() throws {
        template = try TestSpool()
        try letDaemonPrepare()
        try returnThings()
        try interruptThings()
        try dropThings()
        try setAsideThings()
        try refuseThings()
    }

    /// A copy that one walk may harm, with its subscriptions.
    func copy(hearers: Hearers?) throws -> TestSpool {
        let spool = try TestSpool()
        let output = spool.scratch.path("cp.out")
        let status = try Spawn(
            "/bin/cp", ["-a", template.path + "/.", spool.path], output: output, errors: output
        ).wait()
        guard status == 0 else { throw HarnessError("The scenario can't be copied: \(status).") }
        if let receiver = hearers?.receiver {
            try spool.subscribe("steady", receiver.url(path: "/steady"))
            try spool.subscribe("flaky", receiver.url(path: "/flaky"), retry: ["20ms", "20ms", "20ms"])
            try spool.subscribe("grim", receiver.url(path: "/grim"), retry: ["20ms"])
        } else {
            for name in ["steady", "flaky", "grim"] { try spool.remove("subscriptions/\(name).json") }
        }
        return spool
    }

    // MARK: What the daemon left

    private func letDaemonPrepare() throws {
        let hearers = try Hearers(refused: ["gave-up", "edited"])
        try template.subscribe("steady", hearers.receiver.url(path: "/steady"))
        try template.subscribe("flaky", hearers.receiver.url(path: "/steady"))
        try template.subscribe("grim", hearers.receiver.url(path: "/grim"))
        let processed = [
            "dup-bytes", "dup-json", "dup-held", "dup-processing", "conflict-done", "conflict-held",
            "conflict-absorbed",
            "conflict-processing", "back-conflict", "back-freed", "back-same", "replay-one", "replay-all",
            "gave-up-one",
            "gave-up-all", "gave-up-doomed", "gave-up-dup", "gave-up-conflict", "edited", "released", "held", "resumed",
            "resumed-invoiced", "resumed-torn-invoice", "resumed-torn-line", "settled-half", "settled-quarter",
            "cancelled", "orphan-same", "orphan-other", "aside-dup", "aside-conflict", "attempts-only", "two-names",
            "lost-invoice",
        ]
        for key in processed + Scenario.ballast.map({ $0 + "-dup" }) { try template.submit(key, Scenario.request) }
        for key in ["rejected-again", "rejected-mended", "superseded", "superseded-twice", "buried-half"] {
            try template.submit(key, Scenario.invalid)
        }
        try template.write("x", to: "incoming/twice refused")
        try drain()
        for key in ["conflict-absorbed", "back-conflict", "back-freed", "back-same"] {
            try template.submit(key, Scenario.otherRequest)
        }
        try drain()
        guard template.requests("incoming").isEmpty, template.requests("processing").isEmpty else {
            throw HarnessError("The scenario could not be prepared. \(template.listing())")
        }
    }

    private func drain() throws {
        let log = template.scratch.path("daemon.log")
        let status = try Spawn(
            Binary.billhook, ["run", "--drain", "--spool", template.path, "--durability", "process"],
            output: log, errors: log
        ).wait()
        guard status == 0 || status == 65 else { throw HarnessError("The daemon ended with \(status).") }
    }

    // MARK: What people did

    private func returnThings() throws {
        for key in ["gave-up-one", "gave-up-doomed", "rejected-again"] { try take(key, "dead", "incoming", []) }
        for key in ["gave-up-all"] { try take(key, "dead", "incoming", ["attempts", "invoice", "error"]) }
        try take("replay-one", "done", "incoming", [])
        try take("replay-all", "done", "incoming", ["attempts", "invoice"])
        try take("edited", "dead", "incoming", [])
        try template.write(Scenario.otherRequest, to: "incoming/edited.json")
        try take("rejected-mended", "dead", "incoming", [])
        try template.write(Scenario.request, to: "incoming/rejected-mended.json")
        for key in ["dup-held", "conflict-held", "held"] { try park(key, "hold") }
        try park("released", "incoming")
        for key in ["orphan-same", "orphan-other", "cancelled"] {
            try take(key, "done", "processing", ["attempts", "invoice"])
            try template.remove("processing/\(key).json")
        }
        for key in ["back-conflict", "back-freed", "back-same"] {
            let name = try conflictName(key)
            try template.move("dead/\(name)", to: "incoming/\(name)")
        }
        for name in ["", ".invoice", ".attempts"] { try template.remove("done/back-freed.json\(name)") }
        try template.write(Scenario.request, to: "incoming/\(conflictNameIn("incoming", "back-same"))")
    }

    /// Moves a request with some of its sidecars.
    private func take(_ key: String, _ from: String, _ to: String, _ sidecars: [String]) throws {
        for suffix in sidecars.map({ "." + $0 }) + [""] {
            try template.move("\(from)/\(key).json\(suffix)", to: "\(to)/\(key).json\(suffix)")
        }
    }

    /// A request that was taken out of processing/ when one of three had heard of it.
    private func park(_ key: String, _ place: String) throws {
        try take(key, "done", "processing", ["attempts", "invoice"])
        try keepLines(key, 1)
        try template.move("processing/\(key).json", to: "\(place)/\(key).json")
    }

    private func keepLines(_ key: String, _ count: Int, andBytes rest: Int = 0) throws {
        let name = "processing/\(key).json.attempts"
        let lines = try template.text(name).split(separator: "\n", omittingEmptySubsequences: true)
        let torn = lines[count].prefix(rest)
        try template.write(lines.prefix(count).map { $0 + "\n" }.joined() + torn, to: name)
    }

    private func conflictName(_ key: String) throws -> String { try conflictNameIn("dead", key) }

    private func conflictNameIn(_ state: String, _ key: String) throws -> String {
        guard let name = template.requests(state).first(where: { $0.hasPrefix(key + ".conflict-") }) else {
            throw HarnessError("There is no conflict of \(key) in \(state)/. \(template.listing())")
        }
        return name
    }

    // MARK: What a crash left

    private func interruptThings() throws {
        for key in [
            "resumed", "resumed-invoiced", "resumed-torn-invoice", "resumed-torn-line", "dup-processing",
            "conflict-processing", "attempts-only", "lost-invoice",
        ] {
            try take(key, "done", "processing", ["attempts", "invoice"])
        }
        try keepLines("resumed", 1)
        try keepLines("dup-processing", 2)
        try keepLines("conflict-processing", 2)
        try keepLines("resumed-torn-line", 1, andBytes: 60)
        try template.remove("processing/resumed-invoiced.json.attempts")
        try template.remove("processing/resumed-torn-invoice.json.attempts")
        let invoice = try template.text("processing/resumed-torn-invoice.json.invoice")
        try template.write(
            String(invoice.prefix(invoice.count / 2)), to: "processing/resumed-torn-invoice.json.invoice")
        try take("settled-half", "done", "processing", [])
        try take("settled-quarter", "done", "processing", ["invoice"])
        try take("buried-half", "dead", "processing", [])
        try template.write(Scenario.request, to: "processing/claimed-only.json")
        // Parked when all had heard of it, and released: nothing is left to do.
        try template.move("processing/attempts-only.json", to: "incoming/attempts-only.json")
        try template.remove("processing/lost-invoice.json.invoice")
        try template.remove("processing/lost-invoice.json.attempts")
        guard link(template.path("done/two-names.json"), template.path("processing/two-names.json")) == 0 else {
            throw HarnessError("No second name: \(String(cString: strerror(errno))).")
        }
    }

    private func setAsideThings() throws {
        try template.write(Scenario.request, to: ".billhook/aside/aside-fresh.json~00000001")
        try template.write(Scenario.sameValue, to: ".billhook/aside/aside-dup.json~00000002")
        try template.write(Scenario.otherRequest, to: ".billhook/aside/aside-conflict.json~00000003")
        for name in Scenario.ballast {
            try template.write(Scenario.request, to: ".billhook/aside/\(name).json~00000004")
            try template.write(Scenario.request, to: ".billhook/aside/\(name)-dup.json~00000005")
        }
    }

    /// Calls are counted for each thread, and the main thread makes a few of its own on these directories when it
    /// starts. As many drops that are worked off first keep its count behind that of the lane.
    private static let ballast = (1...11).map { "ballast-\($0)" }

    // MARK: What producers did

    private func dropThings() throws {
        for key in ["fresh-1", "fresh-2", "doomed-1", "superseded", "superseded-twice", "orphan-same"] {
            try template.submit(key, Scenario.request)
        }
        try template.submit("orphan-other", Scenario.otherRequest)
        for key in ["dup-bytes", "dup-held", "dup-processing", "gave-up-dup"] {
            try template.submit(key, Scenario.request)
        }
        try template.submit("dup-json", Scenario.sameValue)
        for key in [
            "conflict-done", "conflict-held", "conflict-absorbed", "conflict-processing", "gave-up-conflict",
        ] {
            try template.submit(key, Scenario.otherRequest)
        }
        try template.submit("not-json", "{]")
        try template.submit("invalid", Scenario.invalid)
        try template.submit("cut-off", #"{"customer_id":"#)
        try template.submit("empty", "")
        // Its key was superseded before, today: the name is taken in the archive.
        let day = ISO8601DateFormatter.string(from: Date(), timeZone: .gmt, formatOptions: .withFullDate)
        try FileManager.default.createDirectory(
            atPath: template.path("archive/\(day)"), withIntermediateDirectories: true)
        try template.write(Scenario.invalid, to: "archive/\(day)/superseded-twice.json")
    }

    private func refuseThings() throws {
        try template.write("x", to: "incoming/twice refused")
        try template.write("x", to: "incoming/no suffix")
        try FileManager.default.createDirectory(
            atPath: template.path("incoming/folder.json"), withIntermediateDirectories: true)
        guard symlink("/etc/passwd", template.path("incoming/link.json")) == 0,
            mkfifo(template.path("incoming/pipe.json"), 0o644) == 0
        else { throw HarnessError("No symlink or FIFO: \(String(cString: strerror(errno))).") }
    }
}
