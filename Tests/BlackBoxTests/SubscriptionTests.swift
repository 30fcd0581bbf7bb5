import Foundation
import TestSupport
import Testing

@Suite("A subscription", .serialized)
struct SubscriptionTests {
    @Test("that is removed has its pending deliveries ended, and the request goes to done/", arguments: When.allCases)
    func removed(when: When) throws {
        let good = try Receiver()
        let bad = try Receiver { _ in .status(500) }
        let stage = try Stage(["--unsubscribe-after", "200ms"]) {
            try $0.subscribe("gone", bad.url, retry: ["1h"])
            try $0.subscribe("good", good.url)
        }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 2)
        try stage.act(when) { try stage.spool.remove("subscriptions/gone.json") }
        try stage.spool.wait(for: "done/k.json")
        let mark = try #require(try stage.spool.attempts("k", in: "done").first { $0.mark == "ended" })
        #expect(mark.subscription == "gone")
        #expect(try mark.text("reason") == "unsubscribed")
        #expect(try mark.text("delivery_id") == bad.calls.first?.deliveryID)
        #expect((good.calls.count, bad.calls.count) == (1, 1))
    }

    @Test("that is removed while the daemon is stopped makes no other's attempt early")
    func removedWhileStopped() throws {
        let gone = try Receiver { _ in .status(500) }
        let other = try Receiver { _ in .status(500) }
        let stage = try Stage(["--unsubscribe-after", "4s"]) {
            try $0.subscribe("gone", gone.url, with: every("1h", attempts: 5))
            try $0.subscribe("other", other.url, with: ["retry": ["2s", "1h", "1h"]])
        }
        try stage.spool.submit("k1")
        try stage.spool.waitForAttempts("k1", count: 2)
        try stage.act(.stopped) { try stage.spool.remove("subscriptions/gone.json") }
        try stage.daemon.waitForLog("k1: delivery to gone ended: unsubscribed")
        // What was due with that is called before this.
        try stage.spool.submit("k2")
        try stage.spool.waitForAttempts("k2", count: 1)
        #expect(other.calls.filter { $0.key == "k1" }.map(\.attempt) == [1, 2])
    }

    @Test("that an editor deletes and writes again within the grace loses nothing")
    func replaced() throws {
        let receiver = try Receiver { $0.key == "k" && $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage(["--unsubscribe-after", "1h"]) { try $0.subscribe("s", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        try stage.spool.remove("subscriptions/s.json")
        try stage.daemon.waitForLog("s: its file is gone")
        // What comes meanwhile waits for it, too.
        try stage.spool.submit("meanwhile")
        try stage.spool.wait(for: "processing/meanwhile.json.invoice")
        try stage.spool.subscribe("s", receiver.url, retry: ["1h"])
        try stage.spool.wait(for: "done/meanwhile.json")
        try stage.spool.makeDue("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(try stage.spool.attempts("k", in: "done").filter { $0.mark == "ended" }.isEmpty)
        #expect(receiver.calls.filter { $0.key == "k" }.map(\.attempt) == [1, 2])
    }

    @Test("that is removed while its last attempt fails ends as unsubscribed, not as a failure")
    func removedUnderWay() throws {
        let mood = Mood(.stall)
        let receiver = try Receiver { _ in mood.answer }
        let stage = try Stage(["--unsubscribe-after", "100ms"]) {
            try $0.subscribe("s", receiver.url, retry: ["1h"], with: ["timeout": "1500ms"])
        }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        try stage.spool.remove("subscriptions/s.json")
        try stage.daemon.waitForLog("s: removed")
        try eventually("it has ended", orElse: stage.spool.listing()) { !stage.spool.contains("processing/k.json") }
        #expect(stage.spool.states(of: "k") == ["done"])
    }

    @Test("whose file is away for a moment while the daemon starts keeps its pending deliveries")
    func awayAtStart() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage(["--unsubscribe-after", "1h"]) { try $0.subscribe("s", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        try stage.act(.stopped) { try stage.spool.remove("subscriptions/s.json") }
        // A request that is through shows that the start's look at processing/ has begun.
        try stage.spool.submit("barrier")
        try stage.spool.waitUntilGone("incoming/barrier.json")
        try stage.spool.subscribe("s", receiver.url, retry: ["1h"])
        try stage.daemon.waitForLog("s: ")
        try stage.spool.makeDue("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.filter { $0.key == "k" }.map(\.attempt) == [1, 2])
    }

    @Test("that is paused has its deliveries wait and use up no attempt", arguments: When.allCases)
    func paused(when: When) throws {
        let receiver = try Receiver()
        let other = try Receiver()
        let stage = try Stage {
            try $0.subscribe("other", other.url)
            try $0.subscribe("s", receiver.url)
        }
        try stage.act(when) { try stage.spool.shell("touch subscriptions/s.paused") }
        if when == .running { try stage.daemon.waitForLog("s: paused") }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        try stage.spool.submit("l")
        try stage.spool.waitForAttempts("l", count: 1)
        #expect(receiver.calls.isEmpty)
        #expect(stage.spool.states(of: "k") == ["processing"])
        try stage.act(when) { try stage.spool.remove("subscriptions/s.paused") }
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.wait(for: "done/l.json")
        #expect(receiver.calls.map(\.attempt) == [1, 1])
        #expect(other.calls.count == 2)
    }

    @Test("that is paused in the midst of a flood is heard of, and when it goes on, too")
    func pausedInFlood() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        for number in 0..<2_000 { try stage.spool.submit("a\(number)") }
        try stage.spool.shell("touch subscriptions/s.paused")
        for number in 0..<2_000 { try stage.spool.submit("b\(number)") }
        try stage.daemon.waitForLog("s: paused")
        try stage.spool.remove("subscriptions/s.paused")
        try eventually("all are done", orElse: "") { stage.spool.requests("done").count == 4_000 }
        #expect(Set(receiver.calls.map(\.key)).count == 4_000)
    }

    @Test("that is paused keeps even what is due for a retry waiting")
    func pausedRetry() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let other = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage {
            try $0.subscribe("other", other.url, with: every("300ms", attempts: 3))
            try $0.subscribe("s", receiver.url, with: every("200ms", attempts: 2))
        }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 2)
        try stage.spool.shell("touch subscriptions/s.paused")
        try stage.daemon.waitForLog("s: paused")
        try stage.spool.waitForAttempts("k", count: 3)
        #expect(receiver.calls.count == 1)
        try stage.spool.remove("subscriptions/s.paused")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.attempt) == [1, 2])
    }

    @Test("that stalls holds up nobody else")
    func stalls() throws {
        let slow = try Receiver { _ in .stall }
        let good = try Receiver()
        let stage = try Stage {
            try $0.subscribe("good", good.url)
            try $0.subscribe("slow", slow.url, with: ["concurrency": 2])
        }
        for number in 0..<60 { try stage.spool.submit("k\(number)") }
        try good.waitForCalls(count: 60)
        #expect(slow.calls.count <= 2)
        slow.release()
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 60 }
        #expect(slow.calls.count == 60)
    }

    @Test("that asks for other events hears nothing, and an invoice that nobody hears of is done at once")
    func unmatched() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["events": ["invoice.failed"]]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.isEmpty)
        #expect(stage.spool.names("done") == ["k.json", "k.json.invoice"])
    }

    @Test("hears what its patterns name", arguments: ["*", "invoice.*", "invoice.processed"])
    func patterns(pattern: String) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["events": [pattern]]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.key) == ["k"])
    }

    @Test("hears of whatever is dropped after it was added, however soon")
    func addedBefore() throws {
        let receiver = try Receiver()
        let stage = try Stage()
        for number in 0..<30 {
            try stage.spool.subscribe("s\(number)", receiver.url(path: "/\(number)"))
            try stage.spool.submit("k\(number)")
            try stage.spool.wait(for: "done/k\(number).json")
            #expect(receiver.calls.contains { $0.path == "/\(number)" && $0.key == "k\(number)" })
        }
    }

    @Test("that is added while an invoice waits hears of it, too", arguments: [When.running, .stopped])
    func added(when: When) throws {
        let bad = try Receiver { _ in .status(500) }
        let late = try Receiver()
        let stage = try Stage { try $0.subscribe("bad", bad.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        try stage.act(when) { try stage.spool.subscribe("late", late.url) }
        try late.waitForCalls(count: 1)
        #expect(late.calls.map(\.key) == ["k"])
        #expect(bad.calls.count == 1)
    }

    @Test(
        "that was never good is named once with field and fix, and invoices wait for it",
        arguments: [When.running, .stopped])
    func bad(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--rescan-interval", "30ms"]) {
            try $0.subscribe("s", receiver.url, with: ["timeuot": "5s"])
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "processing/k.json.invoice")
        try stage.spool.shell("touch subscriptions/s.json")
        try stage.spool.submit("later")
        try stage.spool.wait(for: "processing/later.json.invoice")
        let complaints = stage.daemon.log.split(separator: "\n").filter { $0.contains("subscriptions/s.json") }
        #expect(complaints.count == 1)
        #expect(complaints.first?.contains("timeuot") == true)
        #expect(complaints.first?.contains("timeout") == true, "what was meant")
        #expect(stage.spool.states(of: "k") == ["processing"])
        try stage.act(when) { try stage.spool.subscribe("s", receiver.url) }
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.wait(for: "done/later.json")
        #expect(receiver.calls.map(\.attempt) == [1, 1])
    }

    @Test("that goes bad stays in force as it was, while the daemon runs")
    func lastGood() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("a")
        try stage.spool.wait(for: "done/a.json")
        try stage.spool.write("{ this is no JSON", to: "subscriptions/s.json")
        try stage.daemon.waitForLog("subscriptions/s.json")
        try stage.spool.submit("b")
        try stage.spool.wait(for: "done/b.json")
        #expect(receiver.calls.map(\.key) == ["a", "b"])
        try stage.spool.subscribe("s", receiver.url)
        try stage.daemon.waitForLog("s: good again")
    }
}
