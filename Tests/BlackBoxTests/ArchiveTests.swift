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

    @Test("that can't be moved is told of, by the daemon and by hand, and does not hold up the others")
    func unmovable() throws {
        let stage = try Stage(["--idempotency-window", "300ms"]) { spool in
            // Files stand where the folders of today and tomorrow should.
            try spool.shell("touch archive/$(date -u +%Y-%m-%d) archive/$(date -u -d tomorrow +%Y-%m-%d)")
        }
        try stage.spool.submit("k")
        try stage.daemon.waitForLog("k: can't be moved to the archive: ")
        #expect(stage.spool.contains("done/k.json"))
        try stage.act(.stopped) {
            let (status, output) = try Command.run(stage.spool, ["archive", "--idempotency-window", "300ms"])
            #expect(status != 0 && output.hasPrefix("Moved 0 requests"))
            #expect(
                stage.spool.scratch.text("command.err").contains(
                    "In done/ stays what can't be moved to the archive: k ("))
            try stage.spool.shell("rm archive/*")
        }
        _ = try day(stage.spool)
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

    /// What `billhook archive` prints.
    private func archive(_ spool: TestSpool, _ arguments: [String]) throws -> String {
        let output = spool.scratch.path("archive.out")
        unlink(output)
        let status = try Spawn(
            Daemon.binary, ["archive", "--spool", spool.path] + arguments, output: output, errors: output
        ).wait()
        #expect(status == 0, "\(spool.scratch.text("archive.out"))")
        return spool.scratch.text("archive.out")
    }

    /// A spool whose archive holds an old day, one that somebody put a file of their own in, a link, and today.
    private func aged() throws -> TestSpool {
        let spool = try TestSpool()
        try spool.shell(
            """
            mkdir archive/2020-01-01 archive/2020-01-02 archive/2999-12-31 archive/notes elsewhere
            for n in $(seq 100); do touch archive/2020-01-01/k$n.json archive/2020-01-01/k$n.json.invoice; done
            touch archive/2020-01-01/k1.0a1b2c3d.json archive/2020-01-01/refused-0a1b2c3d
            touch archive/2020-01-02/k.json archive/2020-01-02/ledger.ods archive/2999-12-31/k.json elsewhere/k.json
            ln -s ../elsewhere archive/2020-01-03
            """)
        return spool
    }

    private func expectAged(_ spool: TestSpool) {
        #expect(spool.names("archive") == ["2020-01-02", "2020-01-03", "2999-12-31", "notes"])
        #expect(spool.names("archive/2020-01-02") == ["ledger.ods"])
        #expect(spool.names("archive/2999-12-31") == ["k.json"])
        #expect(spool.names("elsewhere") == ["k.json"])
    }

    @Test("is deleted with its day, and with it nothing that somebody else put there")
    func deletedByDaemon() throws {
        let spool = try aged()
        try spool.submit("new")
        try spool.shell("mv elsewhere .elsewhere && ln -sfn ../.elsewhere archive/2020-01-03")
        let daemon = try Daemon(spool, ["--delete-after", "30d", "--idempotency-window", "1s"])
        try daemon.waitForLog("notice archive/2020-01-01: deleted, with 202 files")
        try daemon.waitForLog("archive/2020-01-03: to be deleted, and left: ")
        #expect(daemon.log.contains("debug archive/2020-01-01: deleted 64 files"))
        let reason =
            "warning archive/2020-01-02: to be deleted, and left: ledger.ods in it is nothing that Billhook put"
        #expect(daemon.log.contains(reason))
        try eventually("the invoice is archived", orElse: spool.listing()) { spool.names("done").isEmpty }
        try spool.shell("mv .elsewhere elsewhere && rm -r archive/$(date -u +%Y-%m-%d)")
        expectAged(spool)
        // The next walk says none of it again.
        try spool.shell("mkdir archive/2020-01-04")
        try daemon.waitForLog("archive/2020-01-04: deleted, with 0 files")
        #expect(daemon.log.components(separatedBy: "to be deleted, and left").count == 3)
        #expect(try daemon.terminate() == 0)
    }

    @Test("is deleted with its day by the batch job too")
    func deletedByBatchJob() throws {
        let spool = try aged()
        try spool.shell("mv elsewhere .elsewhere && ln -sfn ../.elsewhere archive/2020-01-03")
        #expect(try Daemon.run(spool, ["--drain"]).status == 0)
        #expect(spool.names("archive").count == 5)
        #expect(try Daemon.run(spool, ["--drain", "--delete-after", "1d"]).status == 0)
        try spool.shell("mv .elsewhere elsewhere")
        expectAged(spool)
    }

    @Test("is deleted with its day by hand, and only listed in a dry run")
    func deletedByHand() throws {
        let spool = try aged()
        try spool.shell("mv elsewhere .elsewhere && ln -sfn ../.elsewhere archive/2020-01-03")
        #expect(try Daemon.run(spool, ["--drain"]).status == 0)
        let dry = try archive(spool, ["--delete-after", "30d", "--dry-run"])
        #expect(dry.contains("archive/2020-01-01: 202 files\n"))
        #expect(dry.contains("archive/2020-01-02 stays: ledger.ods in it is nothing that Billhook put there.\n"))
        #expect(dry.hasSuffix("Would delete 1 day from the archive, 203 files.\n"))
        #expect(spool.names("archive/2020-01-01").count == 202 && spool.names("archive/2020-01-02").count == 2)
        #expect(try archive(spool, []).contains("delete") == false)
        let told = try archive(spool, ["--delete-after", "30d", "--json"])
        #expect(
            told.contains(
                #""deleted_days":["2020-01-01"],"deleted_files":203,"kept_days":["2020-01-02","2020-01-03"]"#))
        try spool.shell("mv .elsewhere elsewhere")
        expectAged(spool)
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
