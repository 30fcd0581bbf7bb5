import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Subscriptions that are disabled")
struct DisablingStories {
    private let ops = Subscription.make("ops", events: ["subscription.*"])

    @Test("410 disables at once: what waits and what comes is given up, and a retry after `rm` delivers it all")
    func gone() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [60]), .make("b"), ops)
        harness.receivers["a"] = { $0.key == .make("last") ? .answer(410, after: .zero) : .fails }
        harness.drop("first")
        harness.run(until: .at(1))
        harness.drop("last")
        harness.run(until: .at(2))
        harness.drop("late")
        harness.run()
        #expect(harness.calls(to: "a").map(\.key) == [.make("first"), .make("last")])
        #expect(harness.calls(to: "b").count == 3 && harness.events(to: "ops") == ["subscription.disabled"])
        for name in ["first", "last", "late"] { #expect(harness.state(of: name) == .dead) }
        #expect(harness.disablings.map(\.reason) == [.gone])
        harness.receivers["a"] = nil
        // Before it is enabled a retry comes back at once.
        harness.move("late", from: .dead, to: .incoming)
        harness.run()
        #expect(harness.state(of: "late") == .dead && harness.calls(to: "a").count == 2)
        harness.enable("a")
        for name in ["first", "last", "late"] { harness.move(name, from: .dead, to: .incoming) }
        harness.run()
        #expect(harness.spool.keys(in: .dead).isEmpty && harness.calls(to: "a").count == 5)
        #expect(harness.calls(to: "b").count == 3 && harness.leftovers == [])
    }

    @Test("what the .error says tells how to get it delivered")
    func hint() throws {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.receivers["a"] = { _ in .answer(410, after: .zero) }
        harness.drop("k")
        harness.run()
        harness.drop("l")
        harness.run()
        let report = try #require(
            harness.reports.compactMap { if case .buried(.make("l"), let report) = $0 { report } else { nil } }.first)
        #expect(report.code == "delivery_failed")
        #expect(report.message.hasSuffix("to a after 0 attempts (subscription_disabled)."))
        #expect(report.hint.contains("rm subscriptions/a.disabled"))
        #expect(report.hint.contains("billhook retry --subscription a"))
    }

    @Test("an instruction to disable counts on a success, too; one to abort ends the delivery only")
    func instructions() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [5]), .make("b", waits: [5]))
        harness.receivers["a"] = { _ in .instruct(.disable, 200) }
        harness.receivers["b"] = { _ in .instruct(.abortMessage, 500) }
        harness.drop("k")
        harness.run()
        harness.drop("l")
        harness.run()
        #expect(harness.calls(to: "a").count == 1 && harness.calls(to: "b").map(\.attempt) == [1, 1])
        #expect(harness.disablings.map(\.reason) == [.requested])
        #expect(harness.state(of: "k") == .dead, "given up to b")
    }

    @Test("a long failure is written down, warned of, and disables; over restarts, and told to operators")
    func failing() {
        let harness = EngineHarness(policy: .disablingAfter(.seconds(1000)))
        harness.subscribe(.make("a", waits: Array(repeating: 100, count: 20)), ops)
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(250))
        let first = noon + .milliseconds(1)
        #expect(harness.keptHealth["a"]?.failingSince == first && harness.keptHealth["a"]?.warnedAt == nil)
        harness.crash()
        harness.run(until: .at(650))
        #expect(harness.events(to: "ops") == ["subscription.failing"] && harness.keptHealth["a"]?.warnedAt != nil)
        harness.crash()
        harness.run()
        #expect(harness.events(to: "ops") == ["subscription.failing", "subscription.disabled"])
        #expect(harness.seconds(of: "a").last.map { (1000...1110).contains($0) } == true)
        #expect(harness.state(of: "k") == .dead && harness.keptHealth["a"] == nil)
        #expect(harness.disablings.map(\.failingSince) == [first] && harness.leftovers == [])
    }

    @Test("a success in between ends the count; after a warning operators hear of it")
    func recovered() {
        let harness = EngineHarness(policy: .disablingAfter(.seconds(1000)))
        harness.subscribe(.make("a", waits: Array(repeating: 100, count: 20)), ops)
        harness.receivers["a"] = { $0.attempt <= 7 || $0.key != .make("k") ? .fails : .ok }
        harness.drop("k")
        harness.run(until: .at(800))
        #expect(harness.events(to: "ops") == ["subscription.failing", "subscription.recovered"])
        #expect(harness.keptHealth["a"] == nil && harness.state(of: "k") == .done)
        harness.drop("l")
        harness.run(until: .at(1400))
        #expect(
            harness.disablings.isEmpty
                && harness.engine.health.subscriptions["a"]?.failingSince == .at(800) + .milliseconds(1))
    }

    @Test("what fails on the way to the receiver, or in the subscription's own file, does not count against it")
    func uncharged() {
        let harness = EngineHarness(policy: .disablingAfter(.seconds(1000)))
        harness.subscribe(.make("a", waits: Array(repeating: 100, count: 30)), ops)
        harness.receivers["a"] = { .failure($0.attempt % 2 == 0 ? .proxyFailed : .clientCertFailed) }
        harness.drop("k")
        harness.run()
        #expect(harness.calls(to: "a").count == 31 && harness.calls(to: "ops").isEmpty)
        #expect(harness.disablings.isEmpty && harness.keptHealth.isEmpty)
        harness.receivers["a"] = { _ in .failure(.connectRefused) }
        harness.drop("l")
        harness.run()
        #expect(harness.disablings.map(\.reason) == [.failing])
    }

    @Test("a clock that is set ahead brings neither the warning nor the end nearer", arguments: [1, -1])
    func clock(direction: Int) throws {
        let harness = EngineHarness(policy: .disablingAfter(.seconds(1000)))
        harness.subscribe(.make("a", waits: Array(repeating: 100, count: 30)), ops)
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(250))
        let shift = Duration.seconds(direction * 100_000)
        harness.setClock(by: shift)
        harness.run(until: harness.now + .seconds(150))
        #expect(harness.calls(to: "ops").isEmpty && harness.disablings.isEmpty)
        #expect(harness.keptHealth["a"]?.failingSince == noon + .milliseconds(1) + shift)
        harness.run()
        #expect(harness.events(to: "ops") == ["subscription.failing", "subscription.disabled"])
    }

    @Test("a customer's order holds nobody back while it is disabled, and is kept by what is retried after")
    func ordered() {
        let harness = EngineHarness()
        let retry = RetrySchedule(waits: [.seconds(60)], jitterFraction: 0)
        harness.subscribe(Subscription(name: "a", url: "http://a/", retry: retry, ordering: .customer))
        harness.receivers["a"] = { _ in .fails }
        // Content 10 n makes an invoice of the same customer.
        for number in 0..<3 {
            harness.drop("k\(number)", .whole(10 * number))
            harness.run(until: harness.now + .seconds(1))
        }
        #expect(harness.calls.map(\.key.name) == ["k0"])
        harness.snapshot.disabled.insert("a")
        harness.mail.append(.subscriptions(harness.snapshot))
        harness.run()
        #expect(harness.spool.keys(in: .dead).count == 3 && harness.leftovers == [])
        harness.receivers["a"] = { $0.key == .make("k0") && $0.attempt == 2 ? .fails : .ok }
        harness.enable("a")
        for number in 0..<3 { harness.move("k\(number)", from: .dead, to: .incoming) }
        harness.run()
        #expect(harness.calls.map(\.key.name) == ["k0", "k0", "k0", "k1", "k2"])
        #expect(harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
    }

    @Test("without a limit nothing is disabled")
    func unlimited() {
        let harness = EngineHarness(policy: .disablingAfter(nil))
        harness.subscribe(.make("a", waits: [86_400, 864_000]), ops)
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run()
        #expect(harness.calls(to: "ops").isEmpty && harness.disablings.isEmpty && harness.keptHealth.isEmpty)
    }

    @Test("operator events' own failures neither count nor disable, but 410 does")
    func hearers() {
        let harness = EngineHarness(policy: .disablingAfter(.seconds(10)))
        harness.subscribe(.make("a", waits: [1]), .make("ops", events: ["delivery.*"], waits: [60, 60]))
        harness.receivers["a"] = { _ in .fails }
        harness.receivers["ops"] = { _ in .fails }
        harness.drop("k")
        harness.run()
        #expect(harness.calls(to: "ops").count == 3 && harness.disablings.isEmpty)
        harness.receivers["ops"] = { _ in .answer(410, after: .zero) }
        harness.drop("l")
        harness.run()
        #expect(harness.disablings.map(\.subscription) == ["ops"])
        let raised = harness.spool.entries.count
        harness.drop("m")
        harness.run()
        #expect(harness.spool.entries.count == raised, "nobody hears it any more")
    }

    @Test("a `.disabled` that can't be written holds in memory, is told once and tried again")
    func unwritable() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.receivers["a"] = { _ in .answer(410, after: .zero) }
        harness.refusal = { if case .disable = $0 { .permissionDenied } else { nil } }
        harness.drop("k")
        harness.run(until: .at(200))
        harness.drop("l")
        harness.run(until: .at(300))
        #expect(harness.calls.count == 1 && harness.state(of: "l") == .dead)
        #expect(harness.count { if case .disablingUnkept = $0 { true } else { false } } == 1)
        harness.refusal = { _ in nil }
        harness.run(until: .at(400))
        #expect(harness.disablings.count == 1 && harness.engine.health.disabling.isEmpty && harness.leftovers == [])
    }

    @Test("its file may be written anew, and it stays disabled; one that is removed by its file is forgotten")
    func edited() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.receivers["a"] = { _ in .answer(410, after: .zero) }
        harness.drop("k")
        harness.run()
        harness.subscribe(.make("a", waits: [1, 2, 3]))
        harness.drop("l")
        harness.run()
        #expect(harness.calls.count == 1 && harness.state(of: "l") == .dead)
    }
}
