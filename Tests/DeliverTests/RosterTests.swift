import TestSupport
import Testing
import Times

@testable import Deliver

@Suite("The roster")
struct RosterTests {
    private let grace = Duration.seconds(10)
    private let broken = SubscriptionError(subscription: "a", field: "url", problem: "is missing", fix: "add it")

    private func good(_ names: String..., events: [EventPattern] = [.standard]) -> Roster.Snapshot {
        var snapshot = Roster.Snapshot()
        for name in names {
            snapshot.subscriptions[name] = .success(Subscription(name: name, url: "http://x/", events: events))
        }
        return snapshot
    }

    private func later(_ seconds: Int) -> Timestamp { noon + .seconds(seconds) }

    @Test("those that hear an event are named in order, and each arrival changes the audience")
    func audience() {
        var roster = Roster()
        let changes = roster.apply(good("b", "a"), at: noon)
        #expect(changes.added == ["a", "b"] && changes.audienceChanged && roster.version == 1)
        #expect(roster.audience(of: EventBody.invoiceProcessed) == ["a", "b"])
        #expect(roster.apply(good("a", "b"), at: noon) == Roster.Changes() && roster.version == 1)
    }

    @Test("a file that has never been good counts as closed and as hearing everything")
    func neverGood() {
        var roster = Roster()
        let changes = roster.apply(Roster.Snapshot(subscriptions: ["a": .failure(broken)]), at: noon)
        #expect(changes.broken == [broken] && changes.added == ["a"])
        #expect(roster.audience(of: "invoice.failed") == ["a"] && roster.members["a"]?.isOpen == false)
        let mended = roster.apply(good("a"), at: noon)
        #expect(mended.mended == ["a"] && mended.audienceChanged && roster.members["a"]?.isOpen == true)
    }

    @Test("a file that goes bad leaves its last good version in force, and is complained of once")
    func goesBad() {
        var roster = Roster()
        _ = roster.apply(good("a"), at: noon)
        let bad = Roster.Snapshot(subscriptions: ["a": .failure(broken)])
        #expect(roster.apply(bad, at: noon).broken == [broken])
        #expect(roster.apply(bad, at: noon) == Roster.Changes())
        #expect(roster.members["a"]?.isOpen == true && roster.version == 1)
        #expect(roster.apply(good("a"), at: noon).mended == ["a"])
    }

    @Test("a pause closes, and its end opens; who hears of invoices stays the same")
    func pause() {
        var roster = Roster()
        _ = roster.apply(good("a"), at: noon)
        var snapshot = good("a")
        snapshot.paused = ["a", "nobody"]
        let paused = roster.apply(snapshot, at: noon)
        #expect(paused.paused == ["a"] && !paused.audienceChanged && roster.members["a"]?.isOpen == false)
        #expect(roster.apply(good("a"), at: noon).resumed == ["a"] && roster.members["a"]?.isOpen == true)
    }

    @Test("a file that is away for less than the grace is closed meanwhile and goes on")
    func rewritten() {
        var roster = Roster()
        _ = roster.apply(good("a"), at: noon)
        _ = roster.apply(good(), at: later(1))
        #expect(roster.members["a"]?.isOpen == false && roster.audience(of: EventBody.invoiceProcessed) == ["a"])
        #expect(roster.nextExpiry(grace: grace) == later(11))
        #expect(roster.expire(at: later(10), grace: grace) == Roster.Changes())
        let back = roster.apply(good("a"), at: later(10))
        #expect(back.resumed == ["a"] && roster.nextExpiry(grace: grace) == nil && roster.version == 1)
    }

    @Test("a file that stays away is removed, and looking again does not put that off")
    func removed() {
        var roster = Roster()
        _ = roster.apply(good("a", "b", "c"), at: noon)
        _ = roster.apply(good("b"), at: later(1))
        _ = roster.apply(good("b"), at: later(9))
        let changes = roster.expire(at: later(11), grace: grace)
        #expect(changes.removed == ["a", "c"] && changes.audienceChanged && roster.version == 2)
        #expect(roster.audience(of: EventBody.invoiceProcessed) == ["b"])
    }

    @Test("a clock that is set back does not keep a removed file for ever, nor end it early")
    func clockSetBack() {
        var roster = Roster()
        _ = roster.apply(good("a"), at: later(100_000))
        _ = roster.apply(good(), at: later(100_000))
        _ = roster.apply(good(), at: noon)
        #expect(roster.expire(at: later(9), grace: grace).removed == [])
        #expect(roster.expire(at: later(10), grace: grace).removed == ["a"])
    }

    @Test("a file that comes back while it is paused is not called resumed")
    func backAndPaused() {
        var roster = Roster()
        var snapshot = good("a")
        snapshot.paused = ["a"]
        _ = roster.apply(snapshot, at: noon)
        _ = roster.apply(good(), at: noon)
        #expect(roster.apply(snapshot, at: later(1)).resumed == [])
    }
}
