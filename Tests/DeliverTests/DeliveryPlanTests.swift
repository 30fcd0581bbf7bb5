import Deliver
import TestSupport
import Testing
import Times

@Suite struct DeliveryPlanTests {
    /// Pending for `a` in 10 minutes and for `b` in 20.
    private let waiting = DeliveryLog.reading(
        .attempt(.make(subscription: "a", nextAttemptAt: noon + .seconds(600))),
        .attempt(.make(subscription: "b", attempt: 1, nextAttemptAt: noon + .seconds(1200))))

    private func moments(_ plan: DeliveryPlan) -> [Duration] { plan.items.map { $0.notBefore - noon } }

    @Test("without a sidecar, everyone who hears the event has a first attempt coming, now")
    func first() {
        let plan = DeliveryLog().planned(["a", "b"], modified: nil)
        #expect(plan.items.map(\.subscription) == ["a", "b"])
        #expect(plan.items.allSatisfy { $0.attempt == 1 && $0.attemptInRound == 1 && $0.notBefore == noon })
        let id = DeliveryID.derive(eventID: "invoice.processed inv_1", subscription: "a")
        #expect(plan.items.first?.deliveryID == id)
        #expect(plan.toEnd.isEmpty && plan.unheard.isEmpty && !plan.isEmpty)
    }

    @Test("nobody to tell is an empty plan")
    func nobody() {
        #expect(DeliveryLog().planned([], modified: nil).isEmpty)
    }

    @Test("what was delivered, given up or ended has nothing coming")
    func finished() {
        let id = DeliveryID.derive(eventID: "invoice.processed inv_1", subscription: "c")
        let log = DeliveryLog.reading(
            .attempt(.delivered("a")), .attempt(.make(subscription: "b")),
            .ended(deliveryID: id, subscription: "c", reason: .unsubscribed, at: noon))
        #expect(log.planned(["a", "b", "c"], modified: noon).isEmpty)
    }

    @Test("the plan goes on with the numbers of the attempts, over rounds and within this one")
    func numbers() throws {
        let log = DeliveryLog.reading(
            .attempt(.make(attempt: 1, nextAttemptAt: noon)), .attempt(.make(attempt: 2)),
            .round(kind: .retry, at: noon),
            .attempt(.make(attempt: 3, nextAttemptAt: noon + .seconds(5))))
        let item = try #require(log.planned(["shop"], modified: noon + .seconds(5)).items.first)
        #expect(item.attempt == 4)
        #expect(item.attemptInRound == 2)
    }

    @Test(
        "an mtime at the earliest pending, give or take a second, leaves each to its own line",
        arguments: [-1000, 0, 1000])
    func asWritten(milliseconds: Int64) {
        let modified = noon + .seconds(600) + .milliseconds(milliseconds)
        #expect(moments(waiting.planned(["a", "b"], modified: modified)) == [.seconds(600), .seconds(1200)])
    }

    @Test("an earlier mtime (touch, or a crash before it was set) makes all pending due now")
    func touched() {
        #expect(moments(waiting.planned(["a", "b"], modified: noon)) == [.zero, .zero])
        #expect(moments(waiting.planned(["a", "b"], modified: noon + .milliseconds(598_999))) == [.zero, .zero])
        #expect(moments(waiting.planned(["a", "b"], modified: .distantPast)) == [.zero, .zero])
    }

    @Test("a later mtime postpones what comes before it, also a first attempt")
    func postponed() {
        let plan = waiting.planned(["a", "b", "new"], modified: noon + .seconds(900))
        #expect(moments(plan) == [.seconds(900), .seconds(1200), .seconds(900)])
    }

    @Test("with nothing pending, an mtime ahead of the clock postpones first attempts, one behind it does not")
    func postponedFirst() {
        let log = DeliveryLog.reading(.attempt(.delivered("a")))
        #expect(moments(log.planned(["a", "new"], modified: noon + .seconds(60))) == [.seconds(60)])
        #expect(moments(log.planned(["a", "new"], modified: noon + .seconds(1))) == [.zero])
        #expect(moments(log.planned(["a", "new"], modified: noon - .seconds(60))) == [.zero])
    }

    /// Retries must not starve first attempts: the mtime of the schedule itself is ahead of the clock too.
    @Test("a subscription added while others wait for a retry hears of the event now")
    func addedMeanwhile() {
        let plan = waiting.planned(["a", "b", "new"], modified: noon + .seconds(600))
        #expect(moments(plan) == [.seconds(600), .seconds(1200), .zero])
    }

    @Test("a moment beyond the longest wait comes from a wrong clock and is pulled in")
    func wrongClock() {
        let ahead = DeliveryLog.reading(.attempt(.make(nextAttemptAt: noon + .seconds(86_400 * 365))))
        let modified = noon + .seconds(86_400 * 365)
        #expect(moments(ahead.planned(["shop"], modified: modified, longestWait: .seconds(3600))) == [.seconds(3600)])
        #expect(
            moments(ahead.planned(["shop"], modified: .distantFuture, longestWait: .seconds(3600))) == [.seconds(3600)])
        #expect(moments(ahead.planned(["shop"], modified: nil, longestWait: .seconds(3600))) == [.seconds(3600)])
    }

    @Test("what is overdue stays at its own moment, so that the oldest can go first")
    func overdue() {
        let later = noon + .seconds(700)
        let plan = waiting.planned(["a", "b"], modified: noon + .seconds(600), now: later)
        #expect(moments(plan) == [.seconds(600), .seconds(1200)])
    }

    @Test("a pending delivery whose subscription is gone is to be ended; one that is only deaf today is told apart")
    func gone() {
        let plan = waiting.planned([], existing: ["b"], modified: noon + .seconds(600))
        #expect(plan.items.isEmpty)
        #expect(plan.toEnd.map(\.subscription) == ["a"])
        #expect(plan.unheard.map(\.subscription) == ["b"])
        #expect(!plan.isEmpty)
    }

    @Test("an attempt that belongs to another event does not stand for this one's")
    func otherEvent() {
        let log = DeliveryLog.reading(
            .attempt(.make(eventID: "invoice.processed inv_2", outcome: .delivered, httpStatus: 200)))
        #expect(log.planned(["shop"], modified: noon).items.map(\.attempt) == [1])
    }
}
