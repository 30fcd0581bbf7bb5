import Deliver
import Testing
import Times

@Suite("How long a subscription has been failing")
struct SubscriptionHealthTests {
    private static let start = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)

    private func steps(_ hours: [Int], limit: Duration? = .seconds(100 * 3600)) -> [SubscriptionHealth.Step] {
        var health = SubscriptionHealth(failingSince: Self.start)
        return hours.map { health.failed(at: Self.start + .seconds($0 * 3600), limit: limit) }
    }

    @Test("it is written down, then people are warned at half the time, then it is disabled")
    func course() {
        #expect(steps([0, 1, 2, 50, 51, 99, 100]) == [.nothing, .keep, .nothing, .warn, .nothing, .nothing, .disable])
    }

    @Test("one that is seldom called has its warning, and half the time from then on")
    func seldom() {
        #expect(steps([0, 300, 301, 349, 350]) == [.nothing, .warn, .nothing, .nothing, .disable])
    }

    @Test("without a limit nothing follows")
    func unlimited() {
        #expect(steps([0, 1, 1000, 100_000], limit: nil) == [.nothing, .nothing, .nothing, .nothing])
    }

    @Test("a short limit is kept, too")
    func short() {
        var health = SubscriptionHealth(failingSince: Self.start)
        let steps = [100, 300, 500, 1000, 1500, 2000].map {
            health.failed(at: Self.start + .milliseconds($0), limit: .seconds(2))
        }
        #expect(steps == [.nothing, .keep, .nothing, .warn, .nothing, .disable])
    }

    @Test("a clock that was set back begins the count anew")
    func clock() {
        var health = SubscriptionHealth(failingSince: Self.start)
        let earlier = Self.start - .seconds(86_400)
        #expect(health.failed(at: earlier, limit: .seconds(10)) == .nothing)
        #expect(health.failingSince == earlier)
    }

    @Test("what is written is read back, and goes on from there")
    func readBack() throws {
        var health = SubscriptionHealth(failingSince: Self.start)
        _ = health.failed(at: Self.start + .seconds(50), limit: .seconds(100))
        var again = try #require(SubscriptionHealth(reading: health.encoded()))
        #expect(again == health)
        #expect(again.failed(at: Self.start + .seconds(100), limit: .seconds(100)) == .disable)
        #expect(SubscriptionHealth(reading: Array("{\"failing_since\":".utf8)) == nil)
    }

    @Test("a `.disabled` file says when and why, and is read back; an empty one says nothing")
    func disabling() {
        for reason in Disabling.Reason.allCases {
            let disabling = Disabling(
                subscription: "erp", reason: reason, at: Self.start,
                failingSince: reason == .failing ? .distantPast : nil)
            #expect(Disabling.read(subscription: "erp", disabling.encoded()) == disabling)
            #expect(disabling.sentence.hasSuffix("."))
        }
        #expect(Disabling.read(subscription: "erp", []) == nil)
    }
}
