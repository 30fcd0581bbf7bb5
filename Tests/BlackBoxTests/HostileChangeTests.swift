import Foundation
import TestSupport
import Testing

@Suite("A drop that changes under the eyes of the daemon", .serialized)
struct HostileChangeTests {
    @Test("that is replaced in the moment in which it is claimed loses nothing")
    func replaced() throws {
        let stage = try Stage(["--durability", "process"])
        let other = #"{"customer_id":"other","amount_cents":7}"#
        let keys = (0..<400).map { "r-\($0)" }
        for key in keys {
            try stage.spool.submit(key)
            try stage.spool.submit(key, other)
        }
        for key in keys { try stage.spool.wait(for: "done/\(key).json") }
        try stage.expectHealth()
        for key in keys {
            let standing = try stage.spool.text("done/\(key).json")
            let apart = try stage.spool.requests("dead").filter { $0.hasPrefix("\(key).conflict-") }
                .map { try stage.spool.text("dead/\($0)") }
            #expect([standing] + apart == [other] || [standing] + apart == [TestSpool.request, other], "\(key)")
            let invoice = try stage.spool.object("done/\(key).json.invoice")
            #expect(try invoice.text("request_sha256") == HostileDrop.sha256(Array(standing.utf8)))
        }
        HostileDrop.count(keys.count)
    }

    // Many at a time, so that some are opened between the look at them and their claim.
    @Test("that somebody goes on writing in the moment in which it is claimed is billed as it then stands")
    func appended() throws {
        let stage = try Stage(["--durability", "process"])
        let keys = (0..<400).map { "w-\($0)" }
        for key in keys { try stage.spool.submit(key) }
        var rewritten = 0
        for key in keys.reversed() {
            guard let writer = FileHandle(forUpdatingAtPath: stage.spool.path("incoming/\(key).json")) else { continue }
            try writer.truncate(atOffset: 0)
            try writer.write(contentsOf: Data(#"{"customer_id":"other","amount_cents":7}"#.utf8))
            try writer.close()
            rewritten += 1
        }
        for key in keys { try stage.spool.wait(for: "done/\(key).json") }
        try stage.expectHealth()
        #expect(rewritten > 0)
        for key in keys {
            let standing = try stage.spool.text("done/\(key).json")
            let invoice = try stage.spool.object("done/\(key).json.invoice")
            #expect(try invoice.text("request_sha256") == HostileDrop.sha256(Array(standing.utf8)), "\(key)")
        }
        HostileDrop.count(keys.count)
    }

    @Test("that turns into a FIFO, a symlink or a socket in the moment in which it is claimed stops nobody")
    func replacedByOtherKinds() throws {
        let stage = try Stage(["--durability", "full"])
        let drops = HostileDrop.kinds.filter { !$0.needsRoot && !$0.story.contains("director") }
        for round in 0..<60 {
            for (number, drop) in drops.enumerated() {
                try drop.make(stage.spool, stage.spool.path("tmp/odd"))
                try stage.spool.submit("t-\(round)-\(number)")
                try stage.spool.move("tmp/odd", to: "incoming/t-\(round)-\(number).json")
            }
        }
        try eventually("all is put away", orElse: stage.spool.listing()) { stage.spool.names("incoming").isEmpty }
        try stage.expectHealth()
        HostileDrop.count(60 * drops.count)
    }

    @Test("that turns from a FIFO into a good request in the moment in which it is refused does not take that along")
    func turnsGood() throws {
        let stage = try Stage(["--durability", "process"])
        let keys = (0..<300).map { "g-\($0)" }
        for key in keys {
            try stage.spool.write(TestSpool.request, to: "tmp/\(key)")
            try check(mkfifo(stage.spool.path("incoming/\(key).json"), 0o666), "mkfifo")
            try stage.spool.move("tmp/\(key)", to: "incoming/\(key).json")
        }
        try eventually("all is put away", orElse: stage.spool.listing()) { stage.spool.names("incoming").isEmpty }
        try stage.expectHealth()
        let lost = keys.filter { !stage.spool.contains("done/\($0).json") }
        #expect(lost.isEmpty, "refused with a FIFO that had their name: \(lost.count)")
        HostileDrop.count(keys.count)
    }

    @Test("that is removed in the moment in which it is claimed is forgotten")
    func removed() throws {
        let stage = try Stage(["--durability", "process"])
        let keys = (0..<400).map { "gone-\($0)" }
        var removed: Set<String> = []
        for key in keys {
            try stage.spool.submit(key)
            if unlink(stage.spool.path("incoming/\(key).json")) == 0 { removed.insert(key) }
        }
        for key in keys where !removed.contains(key) { try stage.spool.wait(for: "done/\(key).json") }
        try stage.expectHealth()
        #expect(stage.spool.requests("done").count == keys.count - removed.count + 1)
        #expect(stage.spool.names("dead").isEmpty)
        HostileDrop.count(keys.count)
    }

    @Test(
        "that somebody takes out of processing/ during its delivery is left to them", arguments: ["rm", "mv", "rm all"])
    func takenAway(how: String) throws {
        let receiver = try Receiver { $0.key == "k" ? .stall : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        switch how {
        case "rm": try stage.spool.shell("rm processing/k.json")
        case "mv": try stage.spool.shell("mv processing/k.json tmp/away")
        default: try stage.spool.shell("rm processing/k.json*")
        }
        receiver.release()
        try stage.expectHealth()
        #expect(stage.spool.states(of: "k").isEmpty)
        #expect(receiver.calls.filter { $0.key == "k" }.count == 1)
        HostileDrop.count()
    }

    @Test(
        "of what is no request, put into processing/ by mistake, stops nobody", arguments: [When.running, .stopped],
        ["mkfifo", "mkdir", "ln -s /etc/passwd", ": >"])
    func strayInProcessing(when: When, command: String) throws {
        let stage = try Stage(["--rescan-interval", "200ms"])
        try stage.act(when) { try stage.spool.shell("\(command) processing/stray.json") }
        // A daemon that runs reads processing/ again when it has let something go; one that starts reads it at once.
        if when == .running { try stage.act(.stopped) {} }
        try stage.expectHealth()
        HostileDrop.count()
    }

    @Test("that is put together in tmp/ is not swept away there because it keeps an old time (cp -p, rsync -t)")
    func oldTime() throws {
        let stage = try Stage {
            try $0.shell("printf '%s' '\(TestSpool.request)' > tmp/old && touch -d 2001-01-01 tmp/old")
        }
        // What is older than a day and a half by the kernel's own time is swept at the start; all of that is over now.
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.spool.contains("tmp/old"))
        if stage.spool.contains("tmp/old") {
            try stage.spool.move("tmp/old", to: "incoming/old.json")
            try stage.spool.wait(for: "done/old.json")
        }
        try stage.expectHealth()
        HostileDrop.count()
    }
}
