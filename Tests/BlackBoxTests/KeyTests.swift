import Foundation
import TestSupport
import Testing

@Suite("A key that is taken", .serialized)
struct KeyTests {
    private static let other = #"{"customer_id":"c-1","amount_cents":5}"#
    private static let spaced = "{ \"amount_cents\" : 100 ,\n \"customer_id\" : \"c-1\" }\n"

    /// A request that stands in a state, with its invoice, and a daemon that serves it.
    private func stage(_ state: String, _ receiver: Receiver) throws -> Stage {
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: state == "dead" ? [] : ["1h"]) }
        try stage.spool.submit("k")
        switch state {
        case "processing": try stage.spool.waitForAttempts("k", count: 1)
        case "hold":
            try stage.spool.waitForAttempts("k", count: 1)
            try stage.spool.move("processing/k.json", to: "hold/k.json")
        default: try stage.spool.wait(for: "\(state)/k.json")
        }
        return stage
    }

    private func receiver(for state: String) throws -> Receiver {
        try Receiver { _ in state == "done" ? .status(200) : .status(500) }
    }

    @Test(
        "is not taken again by the same request, whatever its white space",
        arguments: ["processing", "done", "hold", "dead"], [When.running, .stopped])
    func duplicate(state: String, when: When) throws {
        let receiver = try receiver(for: state)
        let stage = try stage(state, receiver)
        try stage.act(when) {
            try stage.spool.submit("k")
            try stage.daemonMayTake("k", when)
            try stage.spool.submit("k", KeyTests.spaced)
        }
        try stage.daemon.waitForLog("k: duplicate", count: when == .running ? 2 : 1)
        #expect(stage.spool.names("incoming").isEmpty)
        #expect(stage.spool.names(".billhook/aside").isEmpty)
        #expect(stage.spool.states(of: "k") == [state])
        #expect(receiver.calls.count == 1)
    }

    @Test(
        "is not taken by another request, which is set apart in dead/ and bills nothing",
        arguments: ["processing", "done", "hold", "dead"], [When.running, .stopped])
    func conflict(state: String, when: When) throws {
        let receiver = try receiver(for: state)
        let stage = try stage(state, receiver)
        try stage.act(when) { try stage.spool.submit("k", KeyTests.other) }
        try stage.daemon.waitForLog("k: conflict")
        let apart = try #require(stage.spool.requests("dead").first { $0.hasPrefix("k.conflict-") })
        #expect(try stage.spool.text("dead/\(apart)") == KeyTests.other)
        #expect(try stage.spool.object("dead/\(apart).error").text("code") == "conflict")
        #expect(try stage.spool.text("\(state)/k.json") == TestSpool.request)

        // The same conflict again is absorbed.
        try stage.spool.submit("k", KeyTests.other)
        try stage.daemon.waitForLog("k: conflict", count: 2)
        #expect(stage.spool.requests("dead").filter { $0.hasPrefix("k.conflict-") } == [apart])

        // Moved back as it is, it is a drop of the same key again.
        try stage.act(when) { try stage.spool.move("dead/\(apart)", to: "incoming/\(apart)") }
        try stage.spool.wait(for: "dead/\(apart)")
        try stage.spool.wait(for: "dead/\(apart).error")
        #expect(stage.spool.requests("dead").filter { $0.hasPrefix("k.conflict-") } == [apart])
        #expect(stage.spool.names("incoming").isEmpty)
        #expect(receiver.calls.count == 1)
    }

    @Test("stays with its first request when all of dead/ is moved back at once", arguments: [When.running, .stopped])
    func bulkRetry(when: When) throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        try stage.spool.submit("k", KeyTests.other)
        try stage.daemon.waitForLog("k: conflict")
        try stage.act(when) {
            mood.answer = .status(200)
            try stage.spool.attemptShell("mv dead/*.json* incoming/")
        }
        try stage.spool.wait(for: "done/k.json")
        try eventually("the conflict is back in dead/", orElse: stage.spool.listing()) {
            stage.spool.requests("dead").count == 1
        }
        #expect(try stage.spool.text("done/k.json") == TestSpool.request)
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 1)
        #expect(stage.spool.names("incoming").isEmpty, "a sidecar of a conflict is brought along, too")
        #expect(stage.spool.names("dead").count == 2)
    }

    @Test("is not taken again by a second link to the very file, which counts like every duplicate")
    func linked() throws {
        let stage = try Stage { _ in }
        try stage.spool.write(TestSpool.request, to: "tmp/mine")
        try stage.spool.shell("ln tmp/mine incoming/k.json")
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.shell("ln tmp/mine incoming/k.json")
        try stage.daemon.waitForLog("k: duplicate of the request in done/")
        #expect(stage.spool.names("incoming").isEmpty)
    }

    @Test("is free for a conflict that a person gives a name of its own")
    func renamed() throws {
        let receiver = try Receiver()
        let stage = try stage("done", receiver)
        try stage.spool.submit("k", KeyTests.other)
        try stage.daemon.waitForLog("k: conflict")
        try stage.spool.shell("mv dead/k.conflict-*.json incoming/own.json")
        try stage.spool.wait(for: "done/own.json")
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 2)
    }

    @Test(
        "but only by a rejected request is free: the rejected file goes to the archive",
        arguments: [When.running, .stopped])
    func superseded(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["events": ["invoice.processed"]]) }
        try stage.spool.submit("k", #"{"amount_cents":0}"#)
        try stage.spool.wait(for: "dead/k.json")
        try stage.act(when) { try stage.spool.submit("k") }
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.spool.names("dead").isEmpty)
        let day = try #require(stage.spool.names("archive").first)
        #expect(try stage.spool.text("archive/\(day)/k.json") == #"{"amount_cents":0}"#)
        #expect(stage.spool.contains("archive/\(day)/k.json.error"))
        #expect(!stage.spool.contains("done/k.json.error"))
        #expect(receiver.calls.map(\.key) == ["k"])
    }

    @Test("is freed by rm of its files, and then bills under a new id", arguments: [When.running, .stopped])
    func freed(when: When) throws {
        let receiver = try Receiver()
        let stage = try stage("done", receiver)
        try stage.act(when) {
            try stage.spool.shell("rm done/k.json*")
            try stage.spool.submit("k")
        }
        try receiver.waitForCalls(count: 2)
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 2)
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 2)
    }

    @Test("can't be processed by a result that a producer forged", .enabled(if: getuid() == 0, "needs chown"))
    func forged() throws {
        let receiver = try Receiver()
        let stage = try stage("done", receiver)
        let invoice = try stage.spool.text("done/k.json.invoice")
        try stage.spool.write(invoice.replacing("\"k\"", with: "\"f\""), to: "incoming/f.json.invoice")
        #expect(chown(stage.spool.path("incoming/f.json.invoice"), 65_534, 65_534) == 0)
        try stage.spool.submit("f")
        try stage.spool.wait(for: "done/f.json")
        #expect(try stage.spool.invoiceID("f", in: "done") != stage.spool.invoiceID("k", in: "done"))
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 2)
    }
}
