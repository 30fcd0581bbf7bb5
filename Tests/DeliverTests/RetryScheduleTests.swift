import Deliver
import TestSupport
import Testing

@Suite struct RetryScheduleTests {
    @Test("the standard schedule is ten attempts over three days")
    func standard() {
        let waits = (1...10).map { RetrySchedule.standard.wait(afterAttempt: $0, retryAfter: nil, random: 0) }
        let hours = [2, 5, 10, 14, 20, 24].map { Duration.seconds($0 * 3600) }
        #expect(waits == [.seconds(5), .seconds(300), .seconds(1800)] + hours + [nil])
        #expect(RetrySchedule.standard.maximumAttempts == 10)
    }

    @Test("an empty list is one attempt")
    func single() {
        let schedule = RetrySchedule(waits: [])
        #expect(schedule.wait(afterAttempt: 1, retryAfter: .seconds(1), random: 0.5) == nil)
        #expect(schedule.maximumAttempts == 1)
        #expect(schedule.longestWait == .zero)
    }

    @Test("exponential waits grow by the factor up to the cap")
    func exponential() {
        let schedule = RetrySchedule.exponential(maxAttempts: 6, base: .seconds(5), factor: 3, cap: .seconds(60))
        #expect(schedule.waits == [5, 15, 45, 60, 60].map { .seconds($0) })
        let single = RetrySchedule.exponential(maxAttempts: 1, base: .seconds(5), factor: 3, cap: .seconds(60))
        #expect(single.waits.isEmpty)
    }

    @Test("the steepest schedule there is does not overflow")
    func steep() {
        let schedule = RetrySchedule.exponential(
            maxAttempts: .max, base: RetrySchedule.maximumWait, factor: .infinity, cap: .seconds(Int64.max))
        #expect(schedule.waits.count == RetrySchedule.maximumWaits)
        #expect(schedule.waits.allSatisfy { $0 == RetrySchedule.maximumWait })
        let zero = RetrySchedule.exponential(maxAttempts: 3, base: .zero, factor: 2, cap: .seconds(1))
        #expect(zero.waits == [.zero, .zero])
    }

    @Test("Retry-After lengthens a wait, never shortens it, and counts for a day at most")
    func retryAfter() {
        let schedule = RetrySchedule(waits: [.seconds(60)], jitterFraction: 0)
        func wait(_ asked: Duration) -> Duration? { schedule.wait(afterAttempt: 1, retryAfter: asked, random: 0) }
        #expect(wait(.seconds(90)) == .seconds(90))
        #expect(wait(.seconds(30)) == .seconds(60))
        #expect(wait(.seconds(-30)) == .seconds(60))
        #expect(wait(.seconds(Int64.max)) == .seconds(86_400))
    }

    @Test("jitter only lengthens, by no more than its share, and nothing exceeds the longest wait", arguments: 0..<50)
    func jitter(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let waits = (0..<5).map { _ in Duration.milliseconds(Int64.random(in: 0...100_000_000, using: &generator)) }
        let fraction = Double.random(in: 0...1, using: &generator)
        let schedule = RetrySchedule(waits: waits, jitterFraction: fraction)
        for n in 1...5 {
            let asked = Duration.seconds(Int64.random(in: 0...200_000, using: &generator))
            let random = Double.random(in: 0..<1, using: &generator)
            let least = try #require(schedule.wait(afterAttempt: n, retryAfter: asked, random: 0))
            let wait = try #require(schedule.wait(afterAttempt: n, retryAfter: asked, random: random))
            #expect(least == max(waits[n - 1], min(asked, .seconds(86_400))))
            #expect(wait >= least)
            #expect(wait <= least + waits[n - 1] * fraction + .nanoseconds(1))
            #expect(wait <= schedule.longestWait)
        }
        let early = try #require(schedule.wait(afterAttempt: 1, retryAfter: nil, random: 0.1))
        let late = try #require(schedule.wait(afterAttempt: 1, retryAfter: nil, random: 0.9))
        #expect(early < late || waits[0] * fraction < .microseconds(1))
    }

    @Test("numbers out of bounds are brought in")
    func bounds() {
        let schedule = RetrySchedule(
            waits: [.seconds(-1), .seconds(40 * 86_400)], jitterFraction: 7)
        #expect(schedule.waits == [.zero, RetrySchedule.maximumWait])
        #expect(schedule.jitterFraction == 1)
        #expect(RetrySchedule(waits: [], jitterFraction: .nan).jitterFraction == 0)
        let doubled = schedule.wait(afterAttempt: 2, retryAfter: nil, random: 9)
        #expect(doubled == RetrySchedule.maximumWait * 2)
        #expect(schedule.wait(afterAttempt: 0, retryAfter: nil, random: .nan) == .zero)
    }
}
