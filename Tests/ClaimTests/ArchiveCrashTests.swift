import Claim
import Files
import Process
import Spool
import TestSupport
import Testing
import Times

@Suite("After a crash in the middle of a move to the archive")
struct ArchiveCrashTests {
    private static let claimed: Set<String> = [
        "processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts",
    ]

    enum Archived: CaseIterable {
        case request, requestAndAttempts, marked
    }

    // The `.invoice` that stood in done/ without its request took the key until the next walk over done/: a new drop of the
    // same content was a replay of what had just been archived, and one of other content a conflict.
    @Test(
        "a new drop of the key finishes it and is an invoice of its own",
        arguments: Archived.allCases, [Bench.paid, Bench.other])
    func archived(step: Archived, content: String) throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let invoice = try bench.record("done/k.json.invoice")
        let (day, mark) = (invoice.processedAt.day, Spool.archiveMark(invoiceID: invoice.id))
        try bench.spool.archive.make(day)
        if step == .marked {
            for suffix in ["", ".invoice"] { try bench.put("{}", "archive/\(day)/k.json\(suffix)") }
        }
        let name = step == .marked ? "archive/\(day)/k.\(mark).json" : "archive/\(day)/k.json"
        try bench.move("done/k.json", name)
        if step == .requestAndAttempts { try bench.move("done/k.json.attempts", name + ".attempts") }
        try bench.put(content, "incoming/k.json")
        try bench.take("k.json")
        let here: Set<String> = ["processing/k.json", "processing/k.json.invoice"]
        #expect(bench.files.filter { !$0.hasPrefix("archive/") } == here)
        #expect(bench.files.isSuperset(of: ["", ".invoice", ".attempts"].map { name + $0 }))
        #expect(try bench.record(name + ".invoice").id == invoice.id)
        #expect(try bench.record("processing/k.json.invoice").id != invoice.id)
        try bench.recover()
        #expect(bench.files.filter { !$0.hasPrefix("archive/") } == here)
    }

    @Test("a request that a person takes out of done/ is a replay, whatever stands in the archive under its name")
    func notArchived() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let day = try bench.record("done/k.json.invoice").processedAt.day
        // An earlier one of the key, whose `.invoice` somebody removed.
        try bench.put(Bench.other, "archive/\(day)/k.json")
        try bench.move("done/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed, replay")
        #expect(bench.files == ArchiveCrashTests.claimed.union(["archive/\(day)/k.json"]))
    }
}
