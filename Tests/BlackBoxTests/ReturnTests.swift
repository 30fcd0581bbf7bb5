import Foundation
import TestSupport
import Testing

@Suite("A request that a person moves", .serialized)
struct ReturnTests {
    private static let edits = ["mv -n dead/k.json incoming/", "mv dead/k.json* incoming/"]
    private static let replays = ["mv -n done/k.json incoming/", "mv done/k.json* incoming/"]
    private static let touches = ["touch", "touch -d '1 hour ago'"]

    /// A request in dead/ that one subscriber has and the other has refused.
    private func givenUp(_ good: Receiver, _ bad: Receiver) throws -> Stage {
        let stage = try Stage {
            try $0.subscribe("bad", bad.url)
            try $0.subscribe("good", good.url)
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        return stage
    }

    @Test("`retry --state processing` is heard by the daemon that waits")
    func hurry() throws {
        let receiver = try Receiver { $0.index == 0 ? .status(422) : .status(204) }
        let stage = try Stage { try $0.subscribe("a", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.daemon.waitForLog("next attempt at")
        let retry = try Command.run(stage.spool, ["retry", "--state", "processing", "k"])
        #expect(retry.status == 0, "\(retry.output)")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.count == 2)
    }

    @Test(
        "from dead/ to incoming/ is delivered to whom it was not",
        arguments: ["mv -n dead/k.json incoming/", "mv dead/k.json* incoming/"], When.allCases)
    func retry(command: String, when: When) throws {
        let good = try Receiver()
        let mood = Mood(.status(500))
        let bad = try mood.receiver()
        let stage = try givenUp(good, bad)
        #expect(try stage.spool.object("dead/k.json.error").text("code") == "delivery_failed")
        let id = try stage.spool.invoiceID("k", in: "dead")
        try stage.act(when) {
            mood.answer = .status(204)
            try stage.spool.attemptShell(command)
        }
        try stage.spool.wait(for: "done/k.json")
        #expect(good.calls.count == 1)
        #expect(bad.calls.map(\.attempt) == [1, 2])
        #expect(Set(bad.calls.map(\.deliveryID)).count == 1)
        #expect(bad.calls[0].body == bad.calls[1].body)
        #expect(try stage.spool.invoiceID("k", in: "done") == id)
        #expect(stage.spool.names("done") == ["k.json", "k.json.attempts", "k.json.invoice"])
        #expect(stage.spool.names("dead").isEmpty)
        #expect(stage.spool.names("incoming").isEmpty)
        let lines = try stage.spool.attempts("k", in: "done")
        #expect(lines.compactMap(\.mark) == ["round"])
        #expect(lines.compactMap { $0.all["kind"] as? String } == ["retry"])
        #expect(lines.filter { $0.mark == nil }.count == 3)
    }

    @Test("from dead/ again and again gets a fresh round each time, and attempts count on")
    func retryTwice() throws {
        let good = try Receiver()
        let mood = Mood(.status(500))
        let bad = try mood.receiver()
        let stage = try givenUp(good, bad)
        for round in 1...3 {
            try stage.spool.move("dead/k.json", to: "incoming/k.json")
            try stage.spool.waitForAttempts("k", count: round + 2, in: "dead") { $0.mark == nil }
            try stage.spool.wait(for: "dead/k.json")
        }
        #expect(bad.calls.map(\.attempt) == [1, 2, 3, 4])
        #expect(good.calls.count == 1)
        #expect(try stage.spool.attempts("k", in: "dead").filter { $0.mark == "round" }.count == 3)
    }

    @Test("from dead/, rejected and mended, is read again and processed", arguments: When.allCases)
    func mended(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["events": ["invoice.processed"]]) }
        try stage.spool.submit("k", #"{"customer_id":"c"}"#)
        try stage.spool.wait(for: "dead/k.json")
        try stage.act(when) {
            try stage.spool.write(#"{"customer_id":"c","amount_cents":7}"#, to: "dead/k.json")
            try stage.spool.shell("mv -n dead/k.json incoming/")
        }
        try stage.spool.wait(for: "done/k.json")
        #expect(try stage.spool.object("done/k.json.invoice").number("amount_cents") == 7)
        #expect(stage.spool.names("dead").isEmpty)
        #expect(!stage.spool.contains("done/k.json.error"))
        #expect(receiver.calls.map(\.key) == ["k"])
    }

    @Test(
        "from dead/, processed and edited, comes back to dead/ as a conflict and bills nothing",
        arguments: ReturnTests.edits, [When.running, .stopped])
    func edited(command: String, when: When) throws {
        let good = try Receiver()
        let mood = Mood(.status(500))
        let bad = try mood.receiver()
        let stage = try givenUp(good, bad)
        let invoice = try stage.spool.text("dead/k.json.invoice")
        let edited = #"{"customer_id":"c-1","amount_cents":999}"#
        try stage.act(when) {
            mood.answer = .status(200)
            try stage.spool.write(edited, to: "dead/k.json")
            try stage.spool.attemptShell(command)
        }
        try stage.spool.submit("later")
        try stage.spool.wait(for: "done/later.json")
        try stage.spool.wait(for: "dead/k.json")
        // What mv took from under it comes home.
        for sidecar in ["error", "invoice", "attempts"] { try stage.spool.wait(for: "dead/k.json.\(sidecar)") }
        #expect(try stage.spool.object("dead/k.json.error").text("code") == "conflict")
        #expect(try stage.spool.text("dead/k.json") == edited)
        #expect(try stage.spool.text("dead/k.json.invoice") == invoice)
        #expect(!stage.spool.contains("done/k.json"))
        #expect(Set((good.calls + bad.calls).filter { $0.key == "k" }.map(\.invoiceID)).count == 1)
        #expect(good.calls.filter { $0.key == "k" }.count == 1)
    }

    @Test(
        "from done/ to incoming/ is replayed to everybody with the same ids",
        arguments: ReturnTests.replays, When.allCases)
    func replay(command: String, when: When) throws {
        let first = try Receiver()
        let second = try Receiver()
        let stage = try Stage {
            try $0.subscribe("a", first.url)
            try $0.subscribe("b", second.url)
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        try stage.act(when) { try stage.spool.attemptShell(command) }
        for receiver in [first, second] {
            let calls = try receiver.waitForCalls(count: 2, timeout: .seconds(8))
            #expect(calls.map(\.attempt) == [1, 2])
            #expect(calls[0].deliveryID == calls[1].deliveryID)
            #expect(calls[0].body == calls[1].body)
        }
        try stage.spool.waitForAttempts("k", count: 2, in: "done") { $0.all["attempt"] as? Int == 2 }
        try stage.spool.wait(for: "done/k.json")
        #expect(try stage.spool.attempts("k", in: "done").compactMap { $0.all["kind"] as? String } == ["replay"])
        #expect(stage.spool.names("incoming").isEmpty)
    }

    @Test("from done/ is replayed to a subscriber who came later, too")
    func replayToNew() throws {
        let first = try Receiver()
        let late = try Receiver()
        let stage = try Stage { try $0.subscribe("a", first.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.subscribe("late", late.url)
        try stage.daemon.waitForLog("late: added")
        try stage.spool.submit("barrier")
        try stage.spool.wait(for: "done/barrier.json")
        #expect(late.calls.map(\.key) == ["barrier"])
        try stage.spool.move("done/k.json", to: "incoming/k.json")
        try late.waitForCalls(count: 2)
        #expect(late.calls.last?.key == "k")
        try first.waitForCalls(count: 3)
        try stage.spool.wait(for: "done/k.json")
    }

    @Test("from the archive to done/ can be replayed", arguments: [When.running, .stopped])
    func archived(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.shell("mkdir archive/2026-01-01 && mv done/k.json* archive/2026-01-01/")
        try stage.act(when) {
            try stage.spool.shell("mv archive/2026-01-01/k.json* done/ && mv -n done/k.json incoming/")
        }
        try receiver.waitForCalls(count: 2)
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.attempt) == [1, 2])
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 1)
    }

    /// A request that was refused once and is due again in an hour.
    private func waiting(_ receiver: Receiver) throws -> Stage {
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        return stage
    }

    /// Lets another request pass: whatever was to follow from what was done before has followed.
    private func letAnotherPass(_ stage: Stage) throws {
        try stage.spool.submit("another")
        try stage.spool.wait(for: "done/another.json")
    }

    private func receiverThatRefusesOnce() throws -> Receiver {
        try Receiver { $0.key == "k" && $0.attempt == 1 ? .status(500) : .status(200) }
    }

    @Test("to hold/ is left alone, and goes on where it stopped when it is released", arguments: When.allCases)
    func hold(when: When) throws {
        let receiver = try receiverThatRefusesOnce()
        let stage = try waiting(receiver)
        try stage.act(when) {
            try stage.spool.move("processing/k.json", to: "hold/k.json")
            try stage.spool.makeDue("k")
        }
        try letAnotherPass(stage)
        #expect(receiver.calls.filter { $0.key == "k" }.count == 1)
        #expect(stage.spool.contains("hold/k.json"))
        #expect(stage.spool.contains("processing/k.json.attempts"))
        #expect(stage.spool.contains("processing/k.json.invoice"))
        try stage.act(when) { try stage.spool.move("hold/k.json", to: "incoming/k.json") }
        try stage.spool.push("k")
        let calls = receiver.calls.filter { $0.key == "k" }
        #expect(calls.map(\.attempt) == [1, 2])
        #expect(Set(calls.map(\.deliveryID)).count == 1)
        #expect(stage.spool.names("processing").isEmpty)
    }

    @Test("to hold/ with its sidecars, and back with them, goes on where it stopped", arguments: When.allCases)
    func holdWithSidecars(when: When) throws {
        let receiver = try receiverThatRefusesOnce()
        let stage = try waiting(receiver)
        try stage.act(when) { try stage.spool.shell("mv processing/k.json* hold/") }
        try letAnotherPass(stage)
        #expect(stage.spool.names("hold") == ["k.json", "k.json.attempts", "k.json.invoice"])
        try stage.act(when) { try stage.spool.attemptShell("mv hold/k.json* incoming/") }
        try stage.spool.push("k")
        let calls = receiver.calls.filter { $0.key == "k" }
        #expect(calls.map(\.attempt) == [1, 2])
        #expect(Set(calls.map(\.invoiceID)).count == 1)
        #expect(stage.spool.names("hold").isEmpty)
        #expect(stage.spool.names("incoming").isEmpty)
    }

    @Test("to hold/ with an attempt under way has that attempt recorded and no other")
    func holdUnderWay() throws {
        let receiver = try Receiver { $0.key == "k" ? .stall : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        try stage.spool.move("processing/k.json", to: "hold/k.json")
        receiver.release()
        try stage.spool.waitForAttempts("k", count: 1)
        try stage.spool.submit("later")
        try stage.spool.wait(for: "done/later.json")
        #expect(stage.spool.contains("hold/k.json"))
        try stage.spool.move("hold/k.json", to: "incoming/k.json")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.filter { $0.key == "k" }.count == 1, "it had been delivered")
    }

    @Test("and removes from processing/ is cancelled", arguments: When.allCases)
    func cancel(when: When) throws {
        let receiver = try receiverThatRefusesOnce()
        let stage = try waiting(receiver)
        try stage.act(when) {
            try stage.spool.remove("processing/k.json")
            try stage.spool.makeDue("k")
        }
        try letAnotherPass(stage)
        #expect(receiver.calls.filter { $0.key == "k" }.count == 1)
        #expect(!stage.spool.contains("processing/k.json"))
        #expect(stage.spool.requests("dead").isEmpty)
    }

    @Test("by touching its .attempts is tried now", arguments: ReturnTests.touches, When.allCases)
    func touch(touch: String, when: When) throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(503) : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        try eventually("its moment stands in the mtime", orElse: stage.spool.listing()) {
            try stage.spool.modified("processing/k.json.attempts").timeIntervalSinceNow > 3000
        }
        try stage.act(when) { try stage.spool.shell("\(touch) processing/k.json.attempts") }
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.attempt) == [1, 2])
    }
}
