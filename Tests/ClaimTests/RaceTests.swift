import Claim
import Deliver
import Files
import Foundation
import Process
import Settle
import Spool
import Synchronization
import TestSupport
import Testing

@Suite("When several move files at once")
struct RaceTests {
    @Test("each drop is claimed by exactly one")
    func claimers() throws {
        let bench = try Bench()
        let names = (0..<100).map { "k\($0).json" }
        for name in names { try bench.put(Bench.paid, "incoming/" + name) }
        let stories = Stories()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for name in names { stories.add(Result { try bench.claim(name).story }) }
        }
        let all = try stories.all.map { try $0.get() }
        #expect(all.filter { $0 == "claimed" }.count == 100)
        #expect(all.filter { $0 == "vanished" }.count == 300)
        #expect(bench.files == Set(names.flatMap { ["processing/" + $0, "processing/" + $0 + ".invoice"] }))
    }

    @Test("of two contents for one key one is the request, the other a conflict")
    func contents() throws {
        let bench = try Bench()
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        try bench.put(Bench.paid, "incoming/k.json")
        try bench.put(Bench.other, ".billhook/aside/k.json~00112233")
        let drops = [Drop(incoming: "k.json"), Drop(aside: "k.json~00112233")].compactMap { $0 }
        let stories = Stories()
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            stories.add(Result { try bench.claim(drops[index]).story })
        }
        let all = try stories.all.map { try $0.get() }
        #expect(all.contains("claimed"))
        #expect(all.contains { $0.hasPrefix("conflict ") })
        #expect(bench.files.contains("dead/\(name)") == (try bench.text("processing/k.json") == Bench.paid))
    }

    // `mv dead/k.json* incoming/` is one rename a file: the claim of the request could meet sidecars that were leaving
    // dead/ at that moment, began a new .attempts, and forgot what had been delivered.
    @Test("a request that is moved together with its sidecars loses none of them")
    func together() throws {
        for _ in 0..<100 {
            let bench = try Bench()
            try bench.settle("k", in: .dead)
            let id = try bench.record("dead/k.json.invoice").id
            let stories = Stories()
            DispatchQueue.concurrentPerform(iterations: 2) { index in
                if index == 0 {
                    for suffix in ["", ".attempts", ".error", ".invoice"] {
                        // One that has gone makes mv go on with the next.
                        try? bench.move("dead/k.json\(suffix)", "incoming/k.json\(suffix)")
                    }
                } else {
                    var story = "vanished"
                    repeat {
                        if let outcome = try? bench.claim("k.json") { story = outcome.story }
                    } while story == "vanished"
                    stories.add(.success(story))
                }
            }
            #expect(try stories.all.map { try $0.get() } != ["claimed"])
            #expect(try bench.load("k").work?.event.invoiceID == id)
            let log = try bench.log("processing/k.json.attempts")
            #expect(log.deliveries.map(\.state) == [.delivered])
            #expect(log.rounds == 1)
        }
    }
}

/// Collects from several threads.
private final class Stories: Sendable {
    private let stories = Mutex<[Result<String, any Error>]>([])

    var all: [Result<String, any Error>] { stories.withLock { $0 } }

    func add(_ story: Result<String, any Error>) {
        stories.withLock { $0.append(story) }
    }
}
