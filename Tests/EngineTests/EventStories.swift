import Claim
import Deliver
import Process
import Spool
import SystemPackage
import Testing
import Times

@testable import Engine

@Suite("Events of their own")
struct EventStories {
    private func entries(_ harness: EngineHarness, in state: State) -> [Key] {
        harness.spool.keys(in: state).filter(\.isEntry).sorted { $0.name < $1.name }
    }

    @Test("a refused request is told of by an entry that is retried like any request, over a restart")
    func failed() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [60]))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.drop("k", .whole(-1))
        harness.run(until: .at(5))
        #expect(harness.state(of: "k") == .dead && entries(harness, in: .processing).count == 1)
        harness.crash()
        harness.run()
        #expect(
            harness.events(to: "a") == ["invoice.failed", "invoice.failed"] && harness.seconds(of: "a") == [0, 60])
        #expect(entries(harness, in: .done).count == 1 && harness.leftovers == [])
        #expect(harness.engine.tally.dead == 0, "counted from the restart on: the request was refused before")
        #expect(harness.engine.tally.done == 0, "an entry is no request")
    }

    @Test("nobody who hears it, no entry; and whoever comes later hears of later ones")
    func unheard() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", events: ["invoice.processed"]), .make("ops", events: ["subscription.*"]))
        harness.drop("k", .whole(-1))
        harness.run()
        #expect(harness.spool.entries.isEmpty)
        harness.subscribe(.make("b", events: ["invoice.failed"]))
        harness.drop("l", .whole(-1))
        harness.run()
        #expect(harness.events(to: "b") == ["invoice.failed"] && harness.calls.count == 1)
        harness.unsubscribe("b")
        harness.run()
        harness.drop("m", .whole(-1))
        harness.run()
        #expect(harness.spool.entries.count == 1)
    }

    @Test("a request that the processor would not have is told of, once, with what it said")
    func refusedByProcessor() throws {
        let harness = EngineHarness()
        harness.spool.processorFile = try FileSnapshot.make().status
        harness.subscribe(.make("a"))
        harness.program = { _ in (ProcessorOutcome(of: ProgramRun(end: .exited(65)), program: "/p"), .milliseconds(1)) }
        harness.drop("k")
        harness.run()
        harness.crash()
        harness.run()
        #expect(harness.events(to: "a") == ["invoice.failed"] && harness.state(of: "k") == .dead)
        #expect(harness.spool.entries.values.allSatisfy { String(decoding: $0.body, as: UTF8.self).contains("65") })
        #expect(entries(harness, in: .done).count == 1 && harness.leftovers == [])
    }

    @Test("conditions are met by what an event of its own says, too; one that nobody hears of is done at once")
    func matched() throws {
        let harness = EngineHarness()
        for (name, code) in [("a", "malformed_json"), ("b", "missing_field")] {
            let text = #"{"url":"http://localhost/","match":{"data":{"error":{"code":"\#(code)"}}}}"#
            harness.subscribe(try Subscription.read(name: name, bytes: Array(text.utf8)) { _ in [] })
        }
        harness.drop("k", .whole(-1))
        harness.run()
        #expect(harness.calls.map(\.subscription) == ["a"])
        harness.unsubscribe("a")
        harness.run()
        harness.drop("l", .whole(-1))
        harness.run()
        #expect(harness.calls.count == 1 && entries(harness, in: .done).count == 2)
    }

    @Test("duplicates and conflicts raise nothing")
    func quiet() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        for content in [1, 1, 2] {
            harness.drop("k", .whole(content))
            harness.run()
        }
        harness.drop("a b")
        harness.run()
        #expect(harness.events(to: "a") == ["invoice.processed"] && harness.spool.entries.isEmpty)
    }

    @Test("an entry whose webhook is given up is dead, and a retry and a replay go as for a request")
    func retried() throws {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k", .whole(-1))
        harness.run()
        let entry = try #require(entries(harness, in: .dead).first)
        let sentence = harness.reports.compactMap { report -> String? in
            if case .buried(entry, let error) = report { error.message } else { nil }
        }
        #expect(
            sentence == [
                "The event invoice.failed was raised, but its webhook was given up: to a after 1 attempt (HTTP 500)."
            ])
        harness.receivers["a"] = nil
        harness.move(entry.name, from: .dead, to: .incoming)
        harness.run()
        harness.move(entry.name, from: .done, to: .incoming)
        harness.run()
        #expect(harness.calls(to: "a").map(\.attempt) == [1, 2, 3])
        #expect(entries(harness, in: .done) == [entry] && harness.leftovers == [])
    }

    @Test("a delivery that is given up is told to those who ask for it, before it is written down, and once")
    func exhausted() {
        let harness = EngineHarness()
        harness.subscribe(
            .make("a", waits: [5]), .make("ops", events: ["delivery.*"]), .make("all", events: ["*"]),
            .make("b", events: ["invoice.failed"]))
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        var refused = false
        harness.refusal = { action in
            guard case .record(let record) = action, !record.raising.isEmpty, !refused else { return nil }
            refused = true
            return .noSpace
        }
        harness.run()
        #expect(refused && harness.events(to: "ops") == ["delivery.exhausted"])
        #expect(harness.events(to: "all") == ["invoice.processed"] && harness.calls(to: "b").isEmpty)
        #expect(harness.state(of: "k") == .dead && harness.leftovers == [])
    }

    @Test("no operator event begets another, and none is about its own hearer")
    func noLoops() {
        let harness = EngineHarness(policy: .disablingAfter(.seconds(100)))
        let all = ["invoice.*", "subscription.*", "delivery.*"]
        harness.subscribe(
            .make("a", events: all, waits: [40, 40, 40, 40]), .make("b", events: all, waits: [40, 40, 40]))
        harness.receivers["a"] = { _ in .fails }
        harness.receivers["b"] = { _ in .fails }
        for number in 0..<3 { harness.drop("k\(number)") }
        harness.run()
        for (_, event) in harness.spool.entries { #expect(["a", "b"].contains(event.subject)) }
        for entry in harness.spool.entries {
            let hearers = Set(harness.calls.filter { $0.key == entry.key }.map(\.subscription))
            #expect(!hearers.contains(entry.value.subject ?? ""))
        }
        let deliveries = Set(harness.spool.entries.values.filter { $0.type == "delivery.exhausted" }.map(\.invoiceID))
        #expect(!deliveries.contains(nil), "only deliveries about invoices are told of")
        #expect(harness.spool.entries.count <= 2 * (3 + 2) && harness.leftovers == [])
    }
}

extension Engine.Policy {
    static func disablingAfter(_ span: Duration?) -> Engine.Policy {
        var policy = Engine.Policy()
        policy.disableAfter = span
        return policy
    }
}
