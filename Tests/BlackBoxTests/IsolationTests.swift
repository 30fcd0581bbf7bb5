import Foundation
import TestSupport
import Testing

@Suite("One subscriber among others", .serialized)
struct IsolationTests {
    @Test("that hangs keeps nobody waiting")
    func hung() throws {
        let hung = try Receiver { _ in .stall }
        let live = try Receiver()
        let stage = try Stage {
            try $0.subscribe("hung", hung.url, with: ["timeout": "60s"])
            try $0.subscribe("live", live.url)
        }
        defer { hung.release() }
        for number in 0..<200 { try stage.spool.submit("k\(number)") }
        try live.waitForCalls(count: 200)
        #expect(stage.spool.names("processing").filter { $0.hasSuffix(".json") }.count == 200)
    }

    @Test("that hangs keeps no other's retries waiting, nor one that is added, of the same invoice")
    func hungBesideRetries() throws {
        let hung = try Receiver { _ in .stall }
        let quick = try Receiver { _ in .status(500) }
        let new = try Receiver()
        let stage = try Stage {
            try $0.subscribe("hung", hung.url, with: ["timeout": "60s"])
            try $0.subscribe("quick", quick.url, with: every("10ms", attempts: 3))
        }
        defer { hung.release() }
        try stage.spool.submit("k")
        try hung.waitForCalls(count: 1)
        try quick.waitForCalls(count: 3)
        try stage.spool.subscribe("new", new.url)
        try new.waitForCalls(count: 1)
        #expect(stage.spool.states(of: "k") == ["processing"])
    }

    @Test("that is dead gets a few calls and not one for each invoice, and all of them once it is well")
    func dead() throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let live = try Receiver()
        let stage = try Stage {
            try $0.subscribe("sick", receiver.url, with: every("10ms", attempts: 500))
            try $0.subscribe("live", live.url)
        }
        for number in 0..<300 { try stage.spool.submit("k\(number)") }
        try live.waitForCalls(count: 300)
        try stage.daemon.waitForLog("subscription sick: most calls fail, so its deliveries wait")
        #expect(Set(receiver.calls.map(\.deliveryID)).count < 200)
        mood.answer = .status(200)
        for number in 0..<300 { try stage.spool.wait(for: "done/k\(number).json") }
        try stage.daemon.waitForLog("subscription sick: takes calls again")
    }

    @Test("that asks for a rate gets no more than that")
    func rate() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("slow", receiver.url, with: ["rate": "20/s"]) }
        for number in 0..<40 { try stage.spool.submit("k\(number)") }
        for number in 0..<40 { try stage.spool.wait(for: "done/k\(number).json") }
        var starts: [Date] = []
        for number in 0..<40 {
            starts.append(try stage.spool.attempts("k\(number)", in: "done")[0].moment("started_at"))
        }
        starts.sort()
        // By the program's own clock: a window of a second holds 20 calls, and the tenth of a second's worth of a burst.
        for start in starts { #expect(starts.filter { $0 >= start && $0 < start + 0.999 }.count <= 23) }
    }

    @Test("that asks for an order hears of a customer's next invoice when the one before has ended")
    func order() throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage {
            try $0.subscribe(
                "ledger", receiver.url, with: every("20ms", attempts: 1000).merging(["ordering": "customer"]) { $1 })
        }
        for number in 0..<5 {
            try stage.spool.submit("k\(number)", #"{"customer_id":"acme","amount_cents":1}"#)
            try stage.spool.wait(for: "processing/k\(number).json.invoice")
        }
        try receiver.waitForCalls(count: 3)
        try stage.act(.killed) {}
        try receiver.waitForCalls(count: receiver.calls.count + 2)
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 1)
        mood.answer = .status(200)
        for number in 0..<5 { try stage.spool.wait(for: "done/k\(number).json") }
        var order: [String] = []
        for call in receiver.calls {
            let key = try Members(call.body).object("data").text("key")
            if order.last != key { order.append(key) }
        }
        #expect(order == ["k0", "k1", "k2", "k3", "k4"])
    }

    @Test("of a thousand: fifty hear of each invoice, and the others of none")
    func thousand() throws {
        let receiver = try Receiver()
        let stage = try Stage { spool in
            for number in 0..<1000 {
                let events = number % 20 == 0 ? ["invoice.*"] : ["order.*"]
                try spool.subscribe("s\(number)", receiver.url, with: ["events": events])
            }
        }
        for number in 0..<20 { try stage.spool.submit("k\(number)") }
        for number in 0..<20 { try stage.spool.wait(for: "done/k\(number).json") }
        #expect(receiver.calls.count == 1000)
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 1000)
    }
}
