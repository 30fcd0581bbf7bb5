import Foundation
import TestSupport
import Testing

@Suite("A spool that goes away under the daemon", .serialized)
struct GoneSpoolTests {
    /// Each leaves the spool, or another one, at the path again in its second half.
    private static let losses: [(name: String, away: String, back: String)] = [
        ("renamed, and back", "mv spool away", "mv away spool"),
        ("removed, and made anew", "rm -r spool || rm -r spool", "mkdir -p spool && \"$B\" init --spool spool"),
        ("replaced by another", "mv spool away && mkdir spool && \"$B\" init --spool spool", "true"),
        ("without done/", "rm -r spool/done", "true"),
        ("with another done/", "rm -r spool/done && mkdir spool/done", "true"),
        ("without incoming/", "rm -r spool/incoming", "true"),
        ("with another processing/", "mv spool/processing spool/.old && mkdir spool/processing", "true"),
        ("without .billhook/", "mv spool/.billhook away", "mv away spool/.billhook"),
    ]

    @Test("is told of once, and served again by itself once one stands there", arguments: losses.map(\.name))
    func lost(name: String) throws {
        let loss = try #require(GoneSpoolTests.losses.first { $0.name == name })
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        let process = stage.daemon.process.processID
        try stage.spool.submit("before")
        try stage.spool.wait(for: "done/before.json")
        try outside(stage.spool, loss.away)
        try eventually("it has noticed", orElse: stage.daemon.log) {
            stage.daemon.log.contains(" is gone: ") || stage.daemon.log.contains(" is another directory ")
        }
        if loss.back != "true" { try stage.daemon.waitForLog("waiting: there is no spool at") }
        try outside(stage.spool, loss.back)
        try stage.daemon.waitForLog(" ready: ", count: 2)
        if !stage.spool.contains("subscriptions/s.json") { try stage.spool.subscribe("s", receiver.url) }
        try stage.spool.submit("after")
        try stage.spool.wait(for: "done/after.json")
        try eventually("both are called", orElse: stage.spool.listing()) { receiver.calls.count == 2 }
        #expect(stage.daemon.log.components(separatedBy: " error ").count == 2, "\(stage.daemon.log)")
        #expect(stage.daemon.process.processID == process)
        #expect(try stage.daemon.terminate() == 0)
    }

    @Test("records what is under way where it went, and goes on there when it is back")
    func underWay() throws {
        let receiver = try Receiver { _ in .stall }
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        try outside(stage.spool, "mv spool away")
        try stage.daemon.waitForLog(" is gone: ")
        receiver.release()
        try stage.daemon.waitForLog("waiting: ")
        // One that was met twice while the daemon started is settled at the next start.
        let lines = ["done", "processing"].map { stage.spool.scratch.text("away/\($0)/k.json.attempts") }.joined()
        #expect(lines.contains("\"delivered\""), "\(stage.daemon.log)")
        try outside(stage.spool, "mv away spool")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.count == 1)
        #expect(try stage.daemon.terminate() == 0)
    }

    @Test("never makes a spool where none is, and ends at once when it is told to")
    func absent() throws {
        let stage = try Stage()
        try outside(stage.spool, "mv spool away && mkdir spool")
        try stage.daemon.waitForLog("waiting: there is no spool at")
        #expect(stage.spool.names(".").isEmpty)
        #expect(try stage.daemon.terminate() == 0)
        #expect(stage.spool.names(".").isEmpty)
        #expect(stage.daemon.log.contains(" stopped"))
    }

    @Test("lets no descriptor leak into its next beginning")
    func descriptors() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        let open = {
            try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(stage.daemon.process.processID)/fd"
            ).count
        }
        for round in 1...4 {
            try stage.spool.submit("k\(round)")
            try stage.spool.wait(for: "done/k\(round).json")
            let before = try open()
            try outside(stage.spool, "mv spool away")
            try stage.daemon.waitForLog("waiting: ", count: round)
            try outside(stage.spool, "mv away spool")
            try stage.daemon.waitForLog(" ready: ", count: round + 1)
            #expect(try open() <= before)
        }
        #expect(try stage.daemon.terminate() == 0)
    }

    @Test("unmounted lazily, is waited for", .enabled(if: SmallDisk.objection == nil, "mounting needs root"))
    func unmounted() throws {
        let disk = try SmallDisk(.ext4(bytes: 32 << 20, []))
        let daemon = try Daemon(disk.spool, ["--rescan-interval", "200ms"])
        try disk.spool.submit("before")
        try disk.spool.wait(for: "done/before.json")
        disk.unmount(lazily: true)
        try daemon.waitForLog("waiting: there is no spool at")
        #expect(disk.spool.names(".").isEmpty)
        try disk.mount()
        try daemon.waitForLog(" ready: ", count: 2)
        try disk.spool.submit("after")
        try disk.spool.wait(for: "done/after.json")
        #expect(disk.spool.contains("done/before.json"))
        #expect(try daemon.terminate() == 0)
    }

    @Test("ends the daemon with 75 where it can't start over, so that somebody else starts it again")
    func noSecondStart() throws {
        let spool = try TestSpool()
        let program = spool.scratch.path("billhook")
        try FileManager.default.copyItem(atPath: Daemon.binary, toPath: program)
        let daemon = try Spawn(
            program, ["run", "--spool", spool.path, "--rescan-interval", "200ms"],
            output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
        try eventually("it is ready", orElse: spool.listing()) { Daemon.log(of: spool).contains(" ready: ") }
        try outside(spool, "chmod 000 billhook && mv spool away")
        #expect(try daemon.wait() == 75, "\(Daemon.log(of: spool))")
    }

    @Test("ends a batch job with an error")
    func drain() throws {
        let receiver = try Receiver { _ in .stall }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        try spool.submit("k")
        let process = try Daemon.spawn(spool, ["--drain", "--minimum-free", "0"])
        try receiver.waitForCalls(count: 1)
        try outside(spool, "mv spool away")
        receiver.release()
        #expect(try process.wait() == 74, "\(Daemon.log(of: spool))")
        #expect(Daemon.log(of: spool).contains(" is gone: "))
        #expect(!spool.contains(""))
    }

    private func outside(_ spool: TestSpool, _ line: String) throws {
        let output = spool.scratch.path("outside.out")
        let status = try Spawn(
            "/bin/sh", ["-c", "cd '\(spool.scratch.path)' && B='\(Daemon.binary)' && \(line)"], output: output,
            errors: output
        ).wait()
        guard status == 0 else { throw HarnessError("'\(line)': \(spool.scratch.text("outside.out"))") }
    }
}
