import Testing

@testable import Spool

@Suite("How a batch is flushed")
struct FlushCostsTests {
    @Test("a lone request one by one, whatever that costs")
    func few() {
        var costs = FlushCosts()
        costs.tookWhole(.microseconds(1))
        costs.took(.seconds(1), for: 1)
        #expect(!costs.prefersWhole(to: FlushCosts.few))
        #expect(costs.prefersWhole(to: FlushCosts.few + 1))
    }

    @Test("many at once, before anything is known of the disk")
    func unknown() {
        #expect(FlushCosts().prefersWhole(to: 64))
    }

    @Test("one by one while the whole waits for what others write, and at once again when that is over")
    func slowWhole() {
        var costs = FlushCosts()
        costs.tookWhole(.seconds(4))
        #expect(!costs.prefersWhole(to: 64))
        #expect(costs.prefersWhole(to: 10_000))
        var batches = 0
        while !costs.prefersWhole(to: 64), batches < 1000 {
            costs.took(.milliseconds(64), for: 64)
            batches += 1
        }
        // Not so soon that the trial costs more than what is flushed meanwhile.
        #expect((16...100).contains(batches), "\(batches)")
        costs.tookWhole(.milliseconds(8))
        costs.tookWhole(.milliseconds(8))
        #expect(costs.prefersWhole(to: 64))
    }

    @Test("one by one on a disk that flushes a file in no time")
    func quickFiles() {
        var costs = FlushCosts()
        for _ in 0..<32 { costs.took(.microseconds(60), for: 3) }
        #expect(!costs.prefersWhole(to: 32))
        #expect(costs.prefersWhole(to: 256))
    }
}
