import Foundation
import TestSupport
import Testing

@Suite("A hostile drop", .serialized)
struct HostileTests {
    private func expectFate(_ drop: HostileDrop, _ spool: TestSpool) throws {
        switch drop.fate {
        case .refused:
            let name = HostileDrop.refusedName(drop.name)
            try spool.wait(for: "dead/\(name)")
            let error = try spool.object("dead/\(name).error")
            #expect(try error.text("code") == "refused")
            #expect(try error.text("file_name").utf8.allSatisfy { (0x20...0x7e).contains($0) })
        case .dead(let key, let code):
            try spool.wait(for: "dead/\(key).json")
            let error = try spool.text("dead/\(key).json.error")
            #expect(try spool.object("dead/\(key).json.error").text("code") == code, "\(error)")
            #expect(!error.contains("SECRET-PAYLOAD"))
        case .done(let key):
            try spool.wait(for: "done/\(key).json")
            #expect(try spool.object("done/\(key).json.invoice").text("key") == key)
        case .left:
            // A good request that came later has gone through by the time this is looked at.
            #expect(drop.isInIncoming(spool))
        }
    }

    @Test(
        "ends where it belongs, opened only if it may be, and the daemon goes on", arguments: HostileDrop.all,
        [When.running, .stopped])
    func fate(drop: HostileDrop, when: When) throws {
        guard !drop.needsRoot || getuid() == 0 else { return }
        let stage = try Stage()
        try drop.make(stage.spool, drop.stagingPath(in: stage.spool))
        let watch = drop.fate == .refused ? OpenWatch(drop.stagingPath(in: stage.spool)) : nil
        try stage.act(when) { try drop.enter(stage.spool) }
        if drop.fate != .left { try expectFate(drop, stage.spool) }
        try stage.expectHealth()
        try expectFate(drop, stage.spool)
        #expect(drop.fate == .left || !drop.isInIncoming(stage.spool))
        #expect(stage.daemon.log.utf8.allSatisfy { $0 == 0x0a || $0 >= 0x20 }, "a name or a payload forged a log line")
        // Others read /etc/passwd.
        if drop.story != "a symlink to /etc/passwd" { #expect(watch?.sawOpening != true) }
        HostileDrop.count()
    }

    @Test("of every kind at once harms none of the good ones among them", arguments: [When.running, .stopped])
    func everythingAtOnce(when: When) throws {
        let stage = try Stage()
        let drops = HostileDrop.all.filter { !$0.needsRoot || getuid() == 0 }
        try stage.act(when) {
            for (number, drop) in drops.enumerated() {
                try drop.make(stage.spool, drop.stagingPath(in: stage.spool))
                try drop.enter(stage.spool)
                try stage.spool.submit("good-\(number)")
            }
        }
        for number in drops.indices { try stage.spool.wait(for: "done/good-\(number).json") }
        for drop in drops { try expectFate(drop, stage.spool) }
        try stage.expectHealth()
        HostileDrop.count(drops.count)
    }

    @Test("that is a FIFO releases no writer that waits in open(2)", arguments: [When.running, .stopped])
    func fifo(when: When) throws {
        let stage = try Stage()
        let output = stage.spool.scratch.path("writer.out")
        try check(mkfifo(stage.spool.path("tmp/f"), 0o666), "mkfifo")
        let writer = try Spawn(
            "/bin/sh", ["-c", "exec 3> '\(stage.spool.path("tmp/f"))'"], output: output, errors: output)
        try eventually("the writer waits in open(2)") {
            stage.spool.scratch.procText(writer.processID, "wchan").contains("fifo")
                || stage.spool.scratch.procText(writer.processID, "stat").contains(") S ")
        }
        try stage.act(when) { try stage.spool.move("tmp/f", to: "incoming/f.json") }
        try stage.spool.wait(for: "dead/" + HostileDrop.refusedName(Array("f.json".utf8)))
        try stage.expectHealth()
        #expect(writer.status == nil, "somebody opened the FIFO for reading")
        HostileDrop.count()
    }

    @Test(
        "in two spellings of one name is two invoices: keys know upper and lower case",
        arguments: [When.running, .stopped])
    func spelling(when: When) throws {
        let stage = try Stage()
        try stage.act(when) {
            try stage.spool.submit("Inv-1")
            try stage.spool.submit("inv-1", #"{"customer_id":"c-2","amount_cents":5}"#)
        }
        try stage.spool.wait(for: "done/Inv-1.json")
        try stage.spool.wait(for: "done/inv-1.json")
        #expect(try stage.spool.invoiceID("Inv-1", in: "done") != stage.spool.invoiceID("inv-1", in: "done"))
        try stage.expectHealth()
        HostileDrop.count(2)
    }

    @Test(
        "of thousands of junk names is put away, and a good request does not wait for ever",
        arguments: [When.running, .stopped])
    func junk(when: When) throws {
        let stage = try Stage(["--durability", "process"])
        let number = 5000
        try stage.act(when) {
            for junk in 0..<number { try stage.spool.write("", to: "incoming/junk \(junk)") }
            try stage.spool.submit("k")
        }
        try stage.spool.wait(for: "done/k.json", timeout: .seconds(60))
        try eventually("all junk is gone", timeout: .seconds(60)) { stage.spool.names("incoming").isEmpty }
        #expect(stage.spool.names("dead").count == 2 * number)
        try stage.expectHealth()
        HostileDrop.count(number)
    }

    @Test("of one junk name, over and over, stops nobody")
    func sameJunk() throws {
        let stage = try Stage(["--durability", "process"])
        let path = stage.spool.path("incoming/same junk")
        // Again as soon as it has been taken away.
        for _ in 0..<1000 { try eventually("it is taken away", orElse: stage.spool.listing()) { spin(path) } }
        try stage.expectHealth()
        HostileDrop.count(1000)
    }

    /// Makes a file, trying for a while without a pause.
    private func spin(_ path: String) -> Bool {
        (0..<100_000).contains { _ in symlink("nowhere", path) == 0 }
    }

    @Test("of thousands of empty files, which wait for their rest, holds up nobody")
    func empties() throws {
        let stage = try Stage(["--durability", "process"])
        for number in 0..<3000 { try stage.spool.write("", to: "incoming/empty-\(number).json") }
        for number in 0..<100 { try stage.spool.submit("good-\(number)") }
        for number in 0..<100 { try stage.spool.wait(for: "done/good-\(number).json") }
        try stage.expectHealth()
        #expect(stage.spool.names("incoming").count == 3000)
        HostileDrop.count(3000)
    }
}

extension ScratchDirectory {
    /// What the kernel tells of a process.
    fileprivate func procText(_ process: pid_t, _ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8)) ?? ""
    }
}
