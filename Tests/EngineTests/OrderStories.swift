import Deliver
import Spool
import Testing
import Times

@testable import Engine

@Suite("A subscriber that asks for an order hears of each customer's invoices one after the other")
struct OrderStories {
    private func ordered(_ name: String, waits: [Int] = []) -> Subscription {
        Subscription(
            name: name, url: "http://\(name)/",
            retry: RetrySchedule(waits: waits.map { .seconds($0) }, jitterFraction: 0), ordering: .customer)
    }

    /// Invoice n of customer c is `kCCCNNN`, content 10 n + c; one is dropped each second.
    private func drop(_ harness: EngineHarness, customers: Int, invoices: Int) {
        for number in 0..<invoices {
            for customer in 0..<customers {
                harness.drop("c\(customer)n\(number)", .whole(10 * number + customer))
            }
            harness.run(until: harness.now + .seconds(1))
        }
    }

    @Test("a failed delivery holds up that customer's later ones, and nobody else's")
    func holds() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [60]), .make("free"))
        harness.receivers["a"] = { $0.key.name == "c0n0" && $0.attempt == 1 ? .fails : .ok }
        drop(harness, customers: 3, invoices: 4)
        #expect(harness.calls(to: "a").filter { $0.key.name.hasPrefix("c0") }.count == 1)
        #expect(harness.calls(to: "a").count == 1 + 8)
        #expect(harness.calls(to: "free").count == 12)
        harness.run()
        let order = harness.calls(to: "a").map(\.key.name).filter { $0.hasPrefix("c0") }
        #expect(order == ["c0n0", "c0n0", "c0n1", "c0n2", "c0n3"])
        #expect(harness.leftovers == [] && harness.spool.keys(in: .done).count == 12)
    }

    @Test("a drop that is heard of twice keeps its place")
    func heardOfTwice() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [60]))
        harness.receivers["a"] = { $0.key.name == "c0n0" && $0.attempt == 1 ? .fails : .ok }
        harness.drop("c0n0", .whole(0))
        harness.run(until: .at(1))
        // A file that is written in place raises an event as it is made, and another as it is closed.
        harness.mail.append(.dropped(name: Array("c0n0.json".utf8), isSettled: true))
        harness.run(until: .at(2))
        harness.drop("c0n1", .whole(10))
        harness.run()
        #expect(harness.calls(to: "a").map(\.key.name) == ["c0n0", "c0n0", "c0n1"])
    }

    @Test("whoever has begun is not overtaken by one that was claimed in the same moment and has a smaller name")
    func sameMoment() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [60]))
        harness.receivers["a"] = { $0.key.name == "c0n9" && $0.attempt == 1 ? .fails : .ok }
        harness.drop("c0n9", .whole(90))
        harness.drop("c0n10", .whole(100))
        harness.run(until: .at(1))
        #expect(harness.calls(to: "a").map(\.key.name) == ["c0n9"])
        harness.crash()
        harness.run()
        #expect(harness.calls(to: "a").map(\.key.name) == ["c0n9", "c0n9", "c0n10"])
    }

    @Test("one that is given up lets the next go")
    func givenUp() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [5]))
        harness.receivers["a"] = { $0.key.name == "c0n0" ? .fails : .ok }
        drop(harness, customers: 1, invoices: 3)
        harness.run()
        #expect(harness.calls(to: "a").map(\.key.name) == ["c0n0", "c0n0", "c0n1", "c0n2"])
        #expect(harness.state(of: "c0n0") == .dead)
    }

    @Test("the order holds over a crash")
    func crash() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [60, 60]))
        harness.receivers["a"] = { $0.key.name == "c0n0" && $0.at < .at(70) ? .fails : .ok }
        drop(harness, customers: 2, invoices: 5)
        harness.crash()
        harness.run()
        let order = harness.calls(to: "a").map(\.key.name).filter { $0.hasPrefix("c0") }
        #expect(
            order == ["c0n0", "c0n0", "c0n0", "c0n1", "c0n2", "c0n3", "c0n4"]
                || order == ["c0n0", "c0n0", "c0n1", "c0n2", "c0n3", "c0n4"])
        #expect(harness.leftovers == [])
    }

    @Test("the order holds over a crash also where the earliest is read last, and others meanwhile")
    func slowLoad() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [60]))
        harness.receivers["a"] = { $0.at < .at(50) ? .fails : .ok }
        drop(harness, customers: 1, invoices: 3)
        harness.crash()
        harness.slowLoads = ["c0n0"]
        harness.run(until: harness.now + .milliseconds(500))
        for name in ["x", "y", "z"] { harness.mail.append(.touched(.make(name), modified: harness.now)) }
        harness.run()
        #expect(harness.calls(to: "a").map(\.key.name) == ["c0n0", "c0n0", "c0n1", "c0n2"])
        #expect(harness.leftovers == [])
    }

    @Test("one that a person takes away holds up nobody for longer than to the next scan")
    func takenAway() {
        let harness = EngineHarness()
        harness.subscribe(ordered("a", waits: [3600]))
        harness.receivers["a"] = { $0.key.name == "c0n0" ? .fails : .ok }
        drop(harness, customers: 1, invoices: 3)
        harness.move("c0n0", from: .processing, to: .hold)
        harness.run(until: .at(60))
        #expect(harness.calls(to: "a").count == 1)
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run(until: .at(61))
        #expect(harness.calls(to: "a").map(\.key.name) == ["c0n0", "c0n1", "c0n2"])
    }

    @Test("in little memory, through failures, the order of every customer holds")
    func littleMemory() {
        var limits = Engine.Limits()
        limits.jobs = 12
        limits.loads = 4
        limits.claims = 4
        let harness = EngineHarness(limits: limits)
        harness.subscribe(ordered("a", waits: [3, 3, 3, 3, 3, 3]), .make("b", waits: [1, 1, 1]))
        harness.receivers["a"] = {
            ($0.key.name.hashValue &+ $0.attempt) % 3 == 0 ? .answer(400, after: .milliseconds(5)) : .ok
        }
        drop(harness, customers: 10, invoices: 20)
        harness.run()
        for customer in 0..<10 {
            var order: [String] = []
            for name in harness.calls(to: "a").map(\.key.name)
            where name.hasPrefix("c\(customer)n") && order.last != name {
                order.append(name)
            }
            #expect(order == (0..<20).map { "c\(customer)n\($0)" })
        }
        #expect(harness.leftovers == [])
    }

    @Test("who asks for an order later gets it from then on")
    func later() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [60]))
        harness.receivers["a"] = { $0.at < .at(30) ? .answer(400, after: .milliseconds(1)) : .ok }
        drop(harness, customers: 1, invoices: 3)
        #expect(harness.calls(to: "a").count == 3)
        harness.subscribe(ordered("a", waits: [60]))
        harness.run()
        #expect(harness.calls(to: "a").map(\.key.name).suffix(3) == ["c0n0", "c0n1", "c0n2"])
        #expect(harness.leftovers == [])
    }
}
