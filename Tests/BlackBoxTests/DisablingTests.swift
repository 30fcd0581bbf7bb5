import Foundation
import TestSupport
import Testing

@Suite("A subscription that is disabled", .serialized)
struct DisablingTests {
    private func retry(_ spool: TestSpool, _ name: String) throws {
        let log = spool.scratch.path("retry.out")
        let status = try Spawn(
            Daemon.binary, ["retry", "--spool", spool.path, "--subscription", name], output: log, errors: log
        ).wait()
        #expect(status == 0, "\(spool.scratch.text("retry.out"))")
    }

    @Test("by 410 gets nothing more; nothing is dropped; rm and retry deliver it all", arguments: When.allCases)
    func gone(when: When) throws {
        let mood = Mood(.status(410))
        let (bad, good, ops) = (try mood.receiver(), try Receiver(), try Receiver())
        let stage = try Stage {
            try $0.subscribe("bad", bad.url)
            try $0.subscribe("good", good.url)
            try $0.subscribe("ops", ops.url, with: ["events": ["subscription.*", "delivery.exhausted"]])
        }
        try stage.spool.submit("first")
        try stage.spool.wait(for: "subscriptions/bad.disabled")
        try stage.spool.wait(for: "dead/first.json")
        let file = try stage.spool.object("subscriptions/bad.disabled")
        #expect(try file.text("code") == "gone" && file.text("hint").contains("billhook retry --subscription bad"))
        let hint = try stage.spool.object("dead/first.json.error").text("hint")
        #expect(hint.contains("rm subscriptions/bad.disabled"), "the one that met the 410 says so, too")
        // Its file may be written anew; that does not enable it.
        try stage.act(when) { try stage.spool.subscribe("bad", bad.url, retry: ["1h"]) }
        try stage.spool.submit("second")
        try stage.spool.wait(for: "dead/second.json")
        let error = try stage.spool.object("dead/second.json.error")
        #expect(try error.text("code") == "delivery_failed" && error.text("message").contains("subscription_disabled"))
        #expect(try error.text("hint").contains("rm subscriptions/bad.disabled"))
        let mark = try #require(try stage.spool.attempts("second", in: "dead").first { $0.mark == "ended" })
        #expect(try mark.text("reason") == "subscription_disabled")
        #expect((bad.calls.count, good.calls.count) == (1, 2))
        #expect(
            Set(try ops.waitForCalls(count: 2).map(\.eventType)) == ["subscription.disabled", "delivery.exhausted"])
        mood.answer = .status(200)
        try stage.act(when) { try stage.spool.remove("subscriptions/bad.disabled") }
        if when == .running { try stage.daemon.waitForLog("bad: enabled again") }
        try retry(stage.spool, "bad")
        for key in ["first", "second"] { try stage.spool.wait(for: "done/\(key).json") }
        #expect((bad.calls.count, good.calls.count) == (3, 2))
    }

    @Test("by a header is disabled whatever the status; abort-message ends one delivery only")
    func header() throws {
        let asking = try Receiver { _ in .status(200, headers: [("webhook-delivery", "disable")]) }
        let aborting = try Receiver { _ in .status(503, headers: [("Webhook-Delivery", "abort-message")]) }
        let stage = try Stage {
            try $0.subscribe("asking", asking.url)
            try $0.subscribe("aborting", aborting.url, retry: ["10ms", "10ms"])
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        try stage.spool.wait(for: "subscriptions/asking.disabled")
        #expect(try stage.spool.object("subscriptions/asking.disabled").text("code") == "requested")
        let report = try stage.spool.object("dead/k.json.error").text("message")
        #expect(report.contains("to aborting after 1 attempt (HTTP 503, abort-message)"))
        try stage.spool.submit("l")
        try stage.spool.wait(for: "dead/l.json")
        #expect((asking.calls.count, aborting.calls.count) == (1, 2))
        #expect(stage.spool.names("subscriptions").filter { $0.hasSuffix(".disabled") } == ["asking.disabled"])
    }

    @Test("after it has failed for too long, over a kill; operators are warned first")
    func failing() throws {
        let (bad, ops) = (try Receiver { _ in .status(503) }, try Receiver())
        let stage = try Stage(["--disable-after", "2s"]) {
            try $0.subscribe("bad", bad.url, with: every("100ms", attempts: 500))
            try $0.subscribe("ops", ops.url, with: ["events": ["subscription.*"]])
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: ".billhook/health/bad.json")
        let since = try stage.spool.object(".billhook/health/bad.json").text("failing_since")
        try stage.act(.killed) {}
        try stage.spool.wait(for: "dead/k.json")
        try stage.spool.wait(for: "subscriptions/bad.disabled")
        let file = try stage.spool.object("subscriptions/bad.disabled")
        #expect(try file.text("code") == "failing" && file.text("failing_since") == since)
        let events = try ops.waitForCalls(count: 2).map { try $0.members() }
        #expect(try events.map { try $0.text("type") } == ["subscription.failing", "subscription.disabled"])
        #expect(try events.allSatisfy { try $0.object("data").text("failing_since") == since })
        try stage.spool.waitUntilGone(".billhook/health/bad.json")
        #expect(stage.daemon.log.contains("bad: every attempt has failed since \(since)"))
    }

    @Test("is not by a failure that ends in time: operators hear that it recovered")
    func recovered() throws {
        let mood = Mood(.status(503))
        let (bad, ops) = (try mood.receiver(), try Receiver())
        let stage = try Stage(["--disable-after", "4s"]) {
            try $0.subscribe("bad", bad.url, with: every("100ms", attempts: 500))
            try $0.subscribe("ops", ops.url, with: ["events": ["subscription.failing", "subscription.recovered"]])
        }
        try stage.spool.submit("k")
        try ops.waitForCalls(count: 1)
        mood.answer = .status(200)
        try stage.spool.wait(for: "done/k.json")
        #expect(try ops.waitForCalls(count: 2).map(\.eventType) == ["subscription.failing", "subscription.recovered"])
        #expect(!stage.spool.contains("subscriptions/bad.disabled"))
        try stage.spool.waitUntilGone(".billhook/health/bad.json")
    }

    @Test("hears nothing of itself, and no operator event begets another")
    func noLoops() throws {
        let everything = ["invoice.*", "subscription.*", "delivery.*"]
        let (a, b) = (try Receiver { _ in .status(500) }, try Receiver { _ in .status(500) })
        let stage = try Stage {
            try $0.subscribe("a", a.url, retry: ["10ms"], with: ["events": everything])
            try $0.subscribe("b", b.url, retry: ["10ms"], with: ["events": everything])
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        try stage.spool.waitForEntries("dead", count: 2)
        #expect(try stage.daemon.terminate() == 0)
        #expect(stage.spool.requests("dead").count == 3 && stage.spool.requests("processing").isEmpty)
        for (receiver, other) in [(a, "b"), (b, "a")] {
            #expect(
                receiver.calls.map(\.eventType).sorted { $0 ?? "" < $1 ?? "" }
                    == ["delivery.exhausted", "delivery.exhausted", "invoice.processed", "invoice.processed"])
            for call in receiver.calls where call.eventType == "delivery.exhausted" {
                let data = try call.members().object("data")
                #expect(try data.subscription == other && data.number("attempts") == 2)
                #expect(try data.text("error") == "http_500" && data.text("key") == "k")
            }
        }
    }

    @Test("by a person's own empty file is disabled as well, and status lists it")
    func byHand() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.write("", to: "subscriptions/s.disabled")
        try stage.daemon.waitForLog("s: disabled")
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        let output = stage.spool.scratch.path("status.out")
        let status = try Spawn(
            Daemon.binary, ["status", "--spool", stage.spool.path], output: output, errors: output
        ).wait()
        let text = stage.spool.scratch.text("status.out")
        #expect(status == 0 && text.contains("disabled") && text.contains("rm subscriptions/s.disabled"), "\(text)")
        #expect(receiver.calls.isEmpty)
    }
}
