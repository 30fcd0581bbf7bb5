import Foundation
import TestSupport
import Testing

@Suite("A done request past the idempotency window", .serialized)
struct ArchiveTests {
    private func day(_ spool: TestSpool) throws -> String {
        try eventually("something is archived", orElse: spool.listing()) {
            spool.names("archive").contains { spool.names("archive/\($0)").contains("k.json.invoice") }
        }
        return try #require(spool.names("archive").first)
    }

    @Test("goes to the day it was processed on with its sidecars, and its key makes another invoice")
    func archived() throws {
        let receiver = try Receiver()
        let stage = try Stage(["--idempotency-window", "300ms"]) { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        let day = try day(stage.spool)
        try stage.spool.waitUntilGone("done/k.json.attempts")
        #expect(Set(stage.spool.names("archive/\(day)")) == ["k.json", "k.json.attempts", "k.json.invoice"])
        #expect(stage.spool.names("done").isEmpty)
        #expect(try stage.spool.object("archive/\(day)/k.json.invoice").text("processed_at").hasPrefix(day))
        let first = try stage.spool.object("archive/\(day)/k.json.invoice").text("id")
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 2)
        let ids = receiver.calls.map(\.invoiceID)
        #expect(ids.first == first && Set(ids).count == 2)
    }

    @Test("stays while its window lasts, and takes its key")
    func kept() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.submit("k")
        try stage.daemon.waitForLog("k: duplicate")
        #expect(stage.spool.names("archive").isEmpty)
    }

    @Test("is archived by the batch job too, and by hand")
    func withoutDaemon() throws {
        let spool = try TestSpool()
        try spool.submit("k")
        #expect(try Daemon.run(spool, ["--drain"]).status == 0)
        #expect(spool.names("done").count == 2)
        let status = try Spawn(
            Daemon.binary, ["archive", "--spool", spool.path, "--idempotency-window", "0s"],
            output: spool.scratch.path("archive.out"), errors: spool.scratch.path("archive.out")
        ).wait()
        #expect(status == 0)
        #expect(spool.names("done").isEmpty, "\(spool.scratch.text("archive.out"))")
        try spool.submit("l")
        #expect(try Daemon.run(spool, ["--drain"]).status == 0)
        #expect(try Daemon.run(spool, ["--drain", "--idempotency-window", "1ms"]).status == 0)
        #expect(spool.names("done").isEmpty)
    }
}
