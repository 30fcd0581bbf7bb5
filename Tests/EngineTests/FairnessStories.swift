import Deliver
import Spool
import Testing
import Times

@testable import Engine

@Suite("One subscriber never delays another")
struct FairnessStories {
    @Test("of 3,000 invoices all reach one subscriber while another hangs, in bounded memory")
    func hungSubscriber() {
        var limits = Engine.Limits()
        limits.jobs = 512
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a"), .make("hung", waits: [5]))
        harness.receivers["hung"] = { _ in .hang }
        harness.drop(count: 3000)
        harness.mail.append(.rescan(includingProcessing: false))
        harness.run(until: .at(14))
        #expect(harness.calls(to: "a").count == 3000)
        #expect(harness.calls(to: "hung").count == 64)
        #expect(harness.mostJobs <= harness.limits.jobs + harness.limits.claims)
        #expect(harness.spool.processing.count == 3000)
        harness.receivers["hung"] = nil
        harness.endHanging("hung")
        harness.run()
        #expect(Set(harness.calls(to: "hung").map(\.key)).count == 3000)
        #expect(harness.calls(to: "a").count == 3000)
        #expect(harness.spool.keys(in: .done).count == 3000)
        #expect(harness.leftovers == [])
    }

    @Test("two that hang, each with invoices of its own, hold up nobody's retry")
    func disjointInvoices() throws {
        func ofCustomer(_ number: Int, _ name: String, waits: String = "[]") throws -> Subscription {
            let text = #"{"url":"http://localhost/\#(name)","retry":\#(waits),"concurrency":1,"#
            return try Subscription.read(
                name: name, bytes: Array((text + #""match":{"data":{"customer_id":"c\#(number)"}}}"#).utf8)
            ) { _ in [] }
        }
        var limits = Engine.Limits()
        limits.jobs = 16
        let harness = EngineHarness(limits: limits)
        harness.subscribe(
            try ofCustomer(1, "a"), try ofCustomer(2, "b"), try ofCustomer(3, "c", waits: #"["5s"]"#))
        for name in ["a", "b"] { harness.receivers[name] = { _ in .hang } }
        harness.receivers["c"] = { $0.attempt == 1 ? .fails : .ok }
        harness.drop("late", .whole(3))
        for number in 0..<7 { harness.drop("a\(number)", .whole(1)) }
        for number in 0..<6 { harness.drop("b\(number)", .whole(2)) }
        harness.run(until: .at(60))
        #expect(harness.calls(to: "c").count == 2)
    }

    @Test("a subscriber that hangs in every common place leaves the others their own")
    func commonPlacesTaken() {
        var limits = Engine.Limits()
        limits.posts = 16
        limits.postsEach = 2
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a"), .make("hung", concurrency: 1000), .make("hung2", concurrency: 1000))
        harness.receivers["hung"] = { _ in .hang }
        harness.receivers["hung2"] = { _ in .hang }
        harness.drop(count: 300)
        harness.run(until: .at(10))
        #expect(harness.calls(to: "a").count == 300)
        #expect(harness.mostPosts <= 16 + 3 * 2)
    }

    @Test("several busy subscribers share the common places, and all is delivered")
    func sharedPlaces() {
        var limits = Engine.Limits()
        limits.posts = 4
        limits.postsEach = 1
        limits.jobs = 16
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a"), .make("b"), .make("c", concurrency: 2))
        harness.drop(count: 200)
        harness.run()
        #expect(harness.calls.count == 600)
        #expect(harness.spool.keys(in: .done).count == 200 && harness.leftovers == [])
    }

    @Test("what waits for a paused subscriber does not bring another's retries forward")
    func pausedBesideFailing() {
        let harness = EngineHarness()
        harness.subscribe(.make("a", waits: [300, 1000]), .make("paused"))
        harness.pause("paused")
        harness.receivers["a"] = { _ in .fails }
        harness.drop("k")
        harness.run(until: .at(10))
        harness.crash()
        harness.run(until: .at(20))
        harness.subscribe(.make("new"))
        harness.run(until: .at(200))
        #expect(harness.seconds(of: "a") == [0])
        harness.resume("paused")
        harness.run()
        #expect(harness.seconds(of: "a") == [0, 300, 1300])
        #expect(harness.calls(to: "paused").count == 1 && harness.calls(to: "new").count == 1)
        #expect(harness.state(of: "k") == .dead)
    }

    @Test("a paused subscriber's backlog does not keep another's from being found again")
    func pausedBesideOverflowing() {
        var limits = Engine.Limits()
        limits.jobs = 8
        let harness = EngineHarness(limits: limits)
        harness.batch = 4
        harness.subscribe(.make("paused"), .make("slow", concurrency: 1))
        harness.pause("paused")
        harness.receivers["slow"] = { _ in .answer(200, after: .seconds(1)) }
        harness.drop(count: 60)
        harness.run()
        #expect(Set(harness.calls(to: "slow").map(\.key)).count == 60)
        #expect(harness.engine.isAtRest)
        harness.resume("paused")
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 60 && harness.leftovers == [])
    }

    @Test("what overflows while its request is busy elsewhere is not forgotten")
    func overflowOfABusyRequest() {
        var limits = Engine.Limits()
        limits.jobs = 64
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("busy", concurrency: 1), .make("hung", waits: [5]))
        harness.receivers["busy"] = { _ in .answer(200, after: .milliseconds(10)) }
        harness.receivers["hung"] = { _ in .hang }
        harness.drop(count: 60)
        harness.run(until: .at(60))
        harness.receivers["hung"] = nil
        harness.endHanging("hung", .answer(status: 200, retryAfter: nil, head: []))
        harness.run()
        #expect(Set(harness.calls(to: "busy").map(\.key)).count == 60)
        #expect(harness.spool.keys(in: .done).count == 60 && harness.leftovers == [])
    }

    @Test("memory full of what waits for hung subscribers is emptied once, and not read again and again")
    func relief() {
        var limits = Engine.Limits()
        limits.jobs = 20
        let harness = EngineHarness(limits: limits)
        harness.subscribe(.make("a"))
        for name in ["h1", "h2", "h3"] {
            harness.receivers[name] = { _ in .hang }
            harness.subscribe(.make(name, concurrency: 3))
        }
        harness.drop(count: 500)
        harness.run(until: .at(600))
        #expect(harness.calls(to: "a").count == 500)
        #expect(harness.loads < 200)
        #expect(harness.mostJobs <= 20)
    }
}
