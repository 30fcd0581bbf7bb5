import Files
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Room on the disk")
struct RoomStories {
    private static let roomy = DiskRoom(freeBytes: 1 << 40, bytes: 1 << 41, freeInodes: 1 << 30, inodes: 1 << 31)
    private static let tight = DiskRoom(freeBytes: 1 << 20, bytes: 1 << 41, freeInodes: 1 << 30, inodes: 1 << 31)

    private func isShort(_ report: Report) -> Bool { if case .short = report { true } else { false } }
    private func isRoomy(_ report: Report) -> Bool { if case .roomy = report { true } else { false } }

    @Test("nothing is claimed below the floor, what is in hand goes on, and each turn is told once")
    func short() {
        let harness = EngineHarness()
        harness.room = RoomStories.roomy
        harness.subscribe(.make("a", waits: [10]))
        harness.receivers["a"] = { $0.attempt == 1 ? .fails : .ok }
        harness.drop("first")
        harness.run(until: .at(5))
        harness.room = RoomStories.tight
        harness.drop("second")
        harness.run(until: .at(60))
        #expect(harness.state(of: "first") == .done)
        // It was claimed before the disk was looked at anew.
        harness.drop("third")
        harness.run(until: .at(120))
        #expect(harness.spool.incoming.keys.sorted() == ["third.json"])
        #expect(harness.count(isShort) == 1 && harness.count(isRoomy) == 0)
        harness.room = RoomStories.roomy
        harness.run()
        #expect(harness.spool.keys(in: .done).count == 3 && harness.leftovers == [])
        #expect(harness.count(isShort) == 1 && harness.count(isRoomy) == 1)
    }

    @Test("what was claimed and is refused its invoice again and again leaves nothing to stay for")
    func refusedAgain() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.spool.requests[.processing]?[.make("k")] = 1
        harness.refusal = { action in if case .load = action { .noSpace } else { nil } }
        harness.run(until: noon + .milliseconds(1500))
        #expect(!harness.engine.isStuck)
        harness.run(until: .at(10))
        #expect(harness.engine.isStuck)
        harness.refusal = { _ in nil }
        harness.run()
        #expect(!harness.engine.isStuck && harness.state(of: "k") == .done && harness.leftovers == [])
    }

    @Test("an attempt that can't be recorded is stayed for")
    func unrecorded() {
        let harness = EngineHarness()
        harness.subscribe(.make("a"))
        harness.refusal = { action in if case .record = action { .noSpace } else { nil } }
        harness.drop("k")
        harness.run(until: .at(30))
        #expect(harness.calls.count == 1 && !harness.engine.isStuck)
    }

    @Test("a disk that is not looked at yet takes no claim")
    func unknown() {
        let engine = EngineHarness()
        engine.room = RoomStories.tight
        engine.subscribe()
        engine.drop(count: 3)
        engine.run(until: .at(30))
        #expect(engine.claims.isEmpty)
    }

    @Test("between two looks no more is claimed than fits above the floor", arguments: [1, 4, 30])
    func allowance(fits: UInt64) {
        var policy = Engine.Policy()
        policy.floor = RoomFloor(bytes: 1000, inodes: 100)
        policy.largestInvoice = 1000
        let harness = EngineHarness(policy: policy)
        harness.room = DiskRoom(
            freeBytes: 1 << 40, bytes: 1 << 41, freeInodes: 100 + fits * Stock.inodesEach, inodes: 100_000)
        harness.subscribe()
        harness.drop(count: 100)
        var (looks, claims, most) = (0, 0, 0)
        while harness.step(until: .at(60)) {
            if harness.looks > looks { (looks, claims) = (harness.looks, harness.claims.count) }
            most = max(most, harness.claims.count - claims)
        }
        #expect(most <= Int(fits) && most > 0)
        #expect(harness.spool.keys(in: .done).count == 100)
    }

    @Test("an idle spool's disk is not looked at, and a busy one's once a second")
    func frequency() {
        let harness = EngineHarness()
        harness.room = RoomStories.roomy
        harness.subscribe()
        harness.drop("k")
        harness.run(until: .at(3600))
        #expect(harness.looks == 1)
        for second in 3600..<3610 {
            for number in 0..<50 {
                harness.drop("k\(second)-\(number)")
                harness.run(until: .at(second) + .milliseconds(20 * number))
            }
        }
        #expect((10...12).contains(harness.looks))
    }

    @Test("the floor is 64 MiB and 10,000 inodes, or a twentieth of a smaller disk")
    func floor() {
        func isShort(_ free: UInt64, of bytes: UInt64, _ inodes: UInt64 = 1 << 30, of all: UInt64 = 1 << 31) -> Bool {
            let room = DiskRoom(freeBytes: free, bytes: bytes, freeInodes: inodes, inodes: all)
            return RoomFloor().shortage(of: room, wasShort: false) != nil
        }
        #expect(isShort((64 << 20) - 1, of: 1 << 40) && !isShort(64 << 20, of: 1 << 40))
        #expect(isShort(49, of: 1000) && !isShort(50, of: 1000))
        #expect(isShort(1 << 40, of: 1 << 41, 9999) && !isShort(1 << 40, of: 1 << 41, 10_000))
        #expect(isShort(1 << 40, of: 1 << 41, 4, of: 100) && !isShort(1 << 40, of: 1 << 41, 5, of: 100))
        // Without a bound, or with inodes made as needed, nothing is short.
        #expect(!isShort(0, of: 0) && !isShort(1 << 40, of: 1 << 41, 0, of: 0))
    }

    @Test("room must grow by a quarter above the floor before it counts as room again")
    func hysteresis() {
        let floor = RoomFloor(bytes: 100, inodes: 0)
        func room(_ free: UInt64) -> DiskRoom { DiskRoom(freeBytes: free, bytes: 1000, freeInodes: 1, inodes: 1) }
        #expect(floor.shortage(of: room(100), wasShort: false) == nil)
        #expect(floor.shortage(of: room(124), wasShort: true) != nil)
        #expect(floor.shortage(of: room(125), wasShort: true) == nil)
    }
}
