import Foundation
import TestSupport
import Testing

@Suite(
    "A clock that is set while requests wait", .serialized,
    .enabled(if: FakeClock.objection == nil, "faketime is missing"))
struct ClockTests {
    private static let day = 86_400.0

    /// Two receivers that fail once, one of which is called again within the hour and one after days.
    private func waiting(_ clock: FakeClock) throws -> Receiver {
        let receiver = try Receiver { .status($0.attempt == 1 ? 500 : 200) }
        try clock.spool.subscribe("soon", receiver.url(path: "/soon"), retry: ["1h"])
        try clock.spool.subscribe("late", receiver.url(path: "/late"), retry: ["5d"])
        try clock.start()
        try clock.spool.submit("k")
        try clock.spool.waitForAttempts("k", count: 2)
        return receiver
    }

    @Test("forward by two days: what has come due is made, what has not waits, and new work goes on")
    func forward() throws {
        let clock = try FakeClock()
        let receiver = try waiting(clock)
        try clock.set(to: "+2d")
        try clock.waitForLog("the clock was set forward by 2d")
        try receiver.waitForCalls(count: 3)
        try clock.spool.submit("new")
        try receiver.waitForCalls(count: 5)
        try clock.spool.waitForAttempts("new", count: 2)
        #expect(
            receiver.calls.map { "\($0.path) \($0.key ?? "") \($0.attempt ?? 0)" }.sorted() == [
                "/late k 1", "/late new 1", "/soon k 1", "/soon k 2", "/soon new 1",
            ])
        #expect(clock.spool.states(of: "k") == ["processing"])
        // And right again: what was planned in the future that was none is pulled in, or waits for its moment.
        try clock.set(to: "+0")
        try clock.waitForLog("the clock was set back by 2d")
        try clock.spool.submit("last")
        try receiver.waitForCalls(count: 7)
        #expect(try clock.terminate() == 0)
        #expect(clock.spool.requests("processing").count == 3)
    }

    @Test("back by two days: nothing is made early or lost, and nothing waits longer than its schedule ever does")
    func back() throws {
        let clock = try FakeClock()
        let receiver = try waiting(clock)
        let before = try clock.spool.modified("processing/k.json.attempts")
        try clock.set(to: "-2d")
        try clock.waitForLog("the clock was set back by 2d")
        // An hour from now has become two days and an hour; a day is the longest that a receiver may ask for.
        let pulled = Date(timeIntervalSinceNow: -2 * ClockTests.day + 1.01 * ClockTests.day)
        try eventually("its moment is pulled in", orElse: clock.log) {
            try clock.spool.modified("processing/k.json.attempts") < pulled
        }
        #expect(try clock.spool.modified("processing/k.json.attempts") < before)
        try clock.spool.submit("new")
        try receiver.waitForCalls(count: 4)
        try clock.spool.waitForAttempts("new", count: 2)
        #expect(receiver.calls.allSatisfy { $0.attempt == 1 })
        // Killed with that clock and started with the right one, it goes on from what stands on disk.
        try clock.kill9()
        try clock.set(to: "+0")
        try clock.start()
        try receiver.waitForCalls(count: 5)
        #expect(Set(receiver.calls.dropFirst(4).map(\.path)).isSubset(of: ["/soon", "/late"]))
        #expect(try clock.terminate() == 0)
    }
}
