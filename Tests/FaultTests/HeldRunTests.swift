import Foundation
import TestSupport
import Testing

/// Between a look and a deed there is always a moment; what a name is given to must not depend on it.
@Suite(
    "Somebody who takes a name in the last moment", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct HeldRunTests {
    private static let drain = ["run", "--drain", "--lanes", "1", "--durability", "process"]
    private static let rival = Scenario.otherRequest

    private func prepare(_ spool: TestSpool) throws {
        let log = spool.scratch.path("prepare.log")
        _ = try Spawn(Binary.billhook, HeldRunTests.drain + ["--spool", spool.path], output: log, errors: log).wait()
    }

    @Test("keeps it before submit, which calls its own a conflict", arguments: [false, true])
    func submit(isLinking: Bool) throws {
        let spool = try TestSpool()
        try prepare(spool)
        let file = try spool.scratch.write(Scenario.request, to: "in/k.json")
        let call = isLinking ? "linkat" : "renameat2"
        let run = try HeldRun(["submit", file], spool, before: call, isLinking: isLinking)
        let status = try run.whileHeld { try spool.submit("k", HeldRunTests.rival) }
        #expect(status == 65)
        #expect(try spool.text("incoming/k.json") == HeldRunTests.rival)
        #expect(spool.names("tmp").isEmpty)
    }

    @Test("keeps it before a retry, which leaves its request in dead/")
    func retry() throws {
        let spool = try TestSpool()
        try spool.submit("k", Scenario.invalid)
        try prepare(spool)
        let run = try HeldRun(["retry", "k"], spool, before: "renameat2")
        _ = try run.whileHeld { try spool.submit("k", HeldRunTests.rival) }
        #expect(try spool.text("incoming/k.json") == HeldRunTests.rival)
        #expect(try spool.text("dead/k.json") == Scenario.invalid)
    }

    @Test("keeps it before a subscription of that name")
    func subscribe() throws {
        let spool = try TestSpool()
        try prepare(spool)
        let run = try HeldRun(["subscribe", "s", "http://127.0.0.1:9/new"], spool, before: "renameat2")
        _ = try run.whileHeld { try spool.subscribe("s", "http://127.0.0.1:9/first") }
        #expect(try spool.object("subscriptions/s.json").text("url") == "http://127.0.0.1:9/first")
    }

    @Test("gives the spool its id, which whoever made it at the same time takes over")
    func create() throws {
        let spool = try TestSpool(path: "spool")
        // The settings are renamed first.
        let run = try HeldRun(["init"], spool, before: "renameat2", occurrence: 2)
        let id = String(repeating: "0123456789abcdef", count: 2)
        let status = try run.whileHeld { try spool.write(id + "\n", to: ".billhook/id") }
        #expect(status == 0)
        #expect(try spool.text(".billhook/id") == id + "\n")
    }

    @Test("keeps it in processing/, and the drop is a conflict", arguments: [false, true])
    func claim(isLinking: Bool) throws {
        let spool = try TestSpool()
        try prepare(spool)
        try spool.submit("k")
        let call = isLinking ? "linkat" : "renameat2"
        let run = try HeldRun(HeldRunTests.drain, spool, before: call, naming: "k.json", isLinking: isLinking)
        _ = try run.whileHeld { try spool.write(HeldRunTests.rival, to: "processing/k.json") }
        try prepare(spool)
        #expect(try spool.text("done/k.json") == HeldRunTests.rival)
        let conflict = try #require(spool.requests("dead").first)
        #expect(conflict.hasPrefix("k.conflict-"))
        #expect(try spool.text("dead/\(conflict)") == TestSpool.request)
    }

    @Test("keeps it in done/, and the request waits in processing/ for a person", arguments: [false, true])
    func settle(isLinking: Bool) throws {
        let spool = try TestSpool()
        try prepare(spool)
        try spool.submit("k")
        let run = try HeldRun(
            HeldRunTests.drain, spool, before: isLinking ? "linkat" : "renameat2", naming: "k.json", occurrence: 2,
            isLinking: isLinking)
        _ = try run.whileHeld { try spool.write(HeldRunTests.rival, to: "done/k.json") }
        #expect(try spool.text("done/k.json") == HeldRunTests.rival)
        #expect(try spool.text("processing/k.json") == TestSpool.request)
    }

    @Test("of a drop that is being linked into processing/ loses nothing by that")
    func replaceDrop() throws {
        let spool = try TestSpool()
        try prepare(spool)
        try spool.submit("k")
        let run = try HeldRun(HeldRunTests.drain, spool, before: "linkat", naming: "k.json", isLinking: true)
        _ = try run.whileHeld { try spool.submit("k", HeldRunTests.rival) }
        try prepare(spool)
        let contents = try spool.requests("done").map { try spool.text("done/\($0)") }
        let conflicts = try spool.requests("dead").map { try spool.text("dead/\($0)") }
        #expect(Set(contents + conflicts) == [TestSpool.request, HeldRunTests.rival])
        #expect(contents.count == 1 && conflicts.count == 1)
    }

    @Test("of a drop that was just read has another one claimed, and that one billed")
    func replaceRead() throws {
        let spool = try TestSpool()
        try prepare(spool)
        try spool.submit("k")
        let run = try HeldRun(HeldRunTests.drain, spool, before: "renameat2", naming: "k.json")
        _ = try run.whileHeld { try spool.submit("k", HeldRunTests.rival) }
        try prepare(spool)
        #expect(try spool.text("done/k.json") == HeldRunTests.rival)
        #expect(try spool.object("done/k.json.invoice").text("customer_id") == "c-2")
    }

    @Test("of a request that is being settled parks it, and its sidecars wait where they do")
    func park() throws {
        let spool = try TestSpool()
        try prepare(spool)
        try spool.submit("k")
        let run = try HeldRun(HeldRunTests.drain, spool, before: "renameat2", naming: "k.json", occurrence: 2)
        _ = try run.whileHeld { try spool.move("processing/k.json", to: "hold/k.json") }
        #expect(spool.names("hold") == ["k.json"] && spool.names("done").isEmpty)
        #expect(spool.names("processing") == ["k.json.invoice"])
        try spool.move("hold/k.json", to: "incoming/k.json")
        try prepare(spool)
        #expect(spool.requests("done") == ["k.json"] && spool.names("processing").isEmpty)
    }

    @Test("to write a drop that is being claimed is waited for, and its content is what is billed")
    func write() throws {
        let spool = try TestSpool()
        try prepare(spool)
        try spool.submit("k")
        var status = stat()
        lstat(spool.path("incoming/k.json"), &status)
        let (inode, path) = (status.st_ino, spool.path("incoming/k.json"))
        let written = DispatchSemaphore(value: 0)
        let run = try HeldRun(HeldRunTests.drain, spool, before: "renameat2", naming: "k.json")
        _ = try run.whileHeld {
            Thread.detachNewThread {
                // Waits until the daemon gives its lease back.
                let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
                let bytes = Array(HeldRunTests.rival.utf8)
                if Foundation.write(file, bytes, bytes.count) == bytes.count, close(file) == 0 { written.signal() }
            }
            try eventually("the lease is asked back") {
                let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
                return locks.split(separator: "\n").contains { $0.contains("BREAKING") && $0.contains(":\(inode) ") }
            }
        }
        #expect(written.wait(timeout: .now() + 30) == .success)
        try prepare(spool)
        #expect(try spool.text("done/k.json") == HeldRunTests.rival)
        #expect(try spool.object("done/k.json.invoice").text("customer_id") == "c-2")
    }
}
