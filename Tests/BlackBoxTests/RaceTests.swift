import Foundation
import TestSupport
import Testing

@Suite("Many producers at once, of the same keys", .serialized)
struct RaceTests {
    private typealias Way = Producers.Way

    /// One copier only: two that write into one file mix their bytes before anybody looks.
    private static let mixed: [Way] = Way.allCases + [.rename, .rename, .link, .submit]
    private static let linked = [Way](repeating: .link, count: 8)

    private let keys = (0..<40).map { "race-\($0)" }

    private static func same(_ number: Int, _ key: String) -> String {
        #"{"customer_id":"\#(key)","amount_cents":100}"#
    }

    /// Of another length for each producer, so that no mixture of two passes for one.
    private static func different(_ number: Int, _ key: String) -> String {
        let filling = String(repeating: "\(number)", count: 20 * (number + 1))
        return #"{"customer_id":"\#(key)","amount_cents":\#(100 + number),"metadata":{"from":"\#(filling)"}}"#
    }

    // MARK: On a local file system

    @Test("who drop the same get one invoice, and every loser is counted as a duplicate", arguments: [true, false])
    func equal(moving: Bool) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--lanes", "3"]) { try $0.subscribe("s", receiver.url) }
        let producers = Producers(stage.spool, keys: keys, content: RaceTests.same)
        try producers.run(RaceTests.linked, beside: moving ? replayer(stage.spool) : nil)
        try expectOrder(stage, receiver, produced: RaceTests.same, strictly: true)
        #expect(lines(stage, ": duplicate of") == 7 * keys.count)
        #expect(lines(stage, ": conflict, ") == 0)
    }

    @Test("who drop different things get one invoice, and not a byte of the others is lost", arguments: [true, false])
    func unequal(moving: Bool) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--lanes", "3"]) { try $0.subscribe("s", receiver.url) }
        let producers = Producers(stage.spool, keys: keys, content: RaceTests.different)
        try producers.run(RaceTests.linked, beside: moving ? replayer(stage.spool) : nil)
        try expectOrder(stage, receiver, produced: RaceTests.different, strictly: true)
        #expect(lines(stage, ": conflict, ") == 7 * keys.count)
        #expect(lines(stage, ": duplicate of") == 0)
    }

    @Test("who rename, link, copy and submit the same get one invoice", arguments: [true, false])
    func mixedEqual(moving: Bool) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--lanes", "3"]) { try $0.subscribe("s", receiver.url) }
        let producers = Producers(stage.spool, keys: keys, content: RaceTests.same)
        try producers.run(RaceTests.mixed, beside: moving ? replayer(stage.spool) : nil)
        try expectOrder(stage, receiver, produced: RaceTests.same, strictly: false)
    }

    @Test(
        "who rename, link, copy and submit different things get one invoice, of what stands there",
        arguments: [true, false])
    func mixedUnequal(moving: Bool) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--lanes", "3"]) { try $0.subscribe("s", receiver.url) }
        let producers = Producers(stage.spool, keys: keys, content: RaceTests.different)
        try producers.run(RaceTests.mixed, beside: moving ? replayer(stage.spool) : nil)
        try expectOrder(stage, receiver, produced: RaceTests.different, strictly: false)
    }

    @Test("find the same order after the daemon was killed among them")
    func killed() throws {
        let receiver = try Receiver()
        let stage = try Stage(["--lanes", "3"]) { try $0.subscribe("s", receiver.url) }
        for round in 0..<4 {
            let keys = (0..<10).map { "race-\(round * 10 + $0)" }
            let producers = Producers(stage.spool, keys: keys, content: RaceTests.different)
            let process = stage.daemon.process
            let watched = stage.spool
            try producers.run([.rename, .rename, .rename, .rename]) { _ in
                // In the middle of it: as soon as the first of them has come through.
                _ = try? watched.wait(for: "done/\(keys[2]).json")
                process.signal(SIGKILL)
            }
            _ = try process.wait()
            try stage.start()
        }
        try expectOrder(stage, receiver, produced: RaceTests.different, producers: 4, strictly: false)
    }

    // MARK: On a file system without RENAME_NOREPLACE

    @Test("on bindfs get one invoice, and not a byte is lost", .enabled(if: BindMount.objection == nil, "needs bindfs"))
    func linkedOnBindfs() throws {
        let receiver = try Receiver()
        try BindMount.withStage(["--lanes", "3", "--rescan-interval", "200ms"]) { stage in
            let producers = Producers(stage.spool, keys: keys, content: RaceTests.different)
            try producers.run(RaceTests.linked)
            try expectOrder(stage, receiver, produced: RaceTests.different, strictly: true)
        } prepare: {
            try $0.subscribe("s", receiver.url)
        }
    }

    @Test(
        "on bindfs who also rename and copy get one invoice", .enabled(if: BindMount.objection == nil, "needs bindfs"),
        arguments: [true, false])
    func mixedOnBindfs(equal: Bool) throws {
        let receiver = try Receiver()
        let content = equal ? RaceTests.same : RaceTests.different
        try BindMount.withStage(["--lanes", "3", "--rescan-interval", "200ms"]) { stage in
            let producers = Producers(stage.spool, keys: keys, content: content)
            try producers.run(RaceTests.mixed)
            try expectOrder(stage, receiver, produced: content, strictly: false)
        } prepare: {
            try $0.subscribe("s", receiver.url)
        }
    }

    /// Each drop is a new file that replaces nothing it has not seen claimed, so each of them must be somewhere.
    @Test(
        "on bindfs lose no drop that arrives while the one before is being claimed",
        .enabled(if: BindMount.objection == nil, "needs bindfs"))
    func overtakenOnBindfs() throws {
        let receiver = try Receiver()
        try BindMount.withStage(["--lanes", "3", "--rescan-interval", "200ms", "--durability", "process"]) { stage in
            let spool = stage.spool
            for number in 0..<300 {
                let key = "over-\(number)"
                try spool.submit(key, RaceTests.different(0, key))
                try spool.write(RaceTests.different(1, key), to: "tmp/second")
                // As soon as the first is claimed, and not before.
                try eventually("\(key) is claimed", orElse: spool.listing()) {
                    spool.contains("processing/\(key).json") || spool.contains("done/\(key).json")
                }
                try spool.move("tmp/second", to: "incoming/\(key).json")
            }
            try settle(stage)
            for number in 0..<300 {
                let key = "over-\(number)"
                let apart = spool.requests("dead").filter { $0.hasPrefix("\(key).conflict-") }
                #expect(try spool.text("done/\(key).json") == RaceTests.different(0, key))
                #expect(apart.count == 1, "the second drop of \(key) is lost")
            }
        } prepare: {
            try $0.subscribe("s", receiver.url)
        }
    }

    @Test(
        "on bindfs, one after the other: done, duplicate, conflict, refused, replay",
        .enabled(if: BindMount.objection == nil, "needs bindfs"))
    func storyOnBindfs() throws {
        let receiver = try Receiver()
        try BindMount.withStage(["--lanes", "3", "--rescan-interval", "200ms"]) { stage in
            let spool = stage.spool
            try spool.submit("k")
            try spool.wait(for: "done/k.json")
            try spool.submit("k")
            try stage.daemon.waitForLog("k: duplicate")
            try spool.submit("k", RaceTests.different(1, "k"))
            try stage.daemon.waitForLog("k: conflict")
            try check(mkdir(spool.path("incoming/folder"), 0o755), "mkdir")
            try stage.daemon.waitForLog("folder: refused")
            try spool.shell("mv done/k.json incoming/")
            try receiver.waitForCalls(count: 2)
            try settle(stage)
            #expect(spool.requests("dead").count == 1)
            #expect(spool.names("dead").filter { $0.hasPrefix("refused-") }.count == 2)
            #expect(Set(receiver.calls.map(\.invoiceID)).count == 1)
            #expect(try stage.daemon.terminate() == 0)
        } prepare: {
            try $0.subscribe("s", receiver.url)
        }
    }

    // MARK: What must hold

    /// Somebody who replays whatever is done, for as long as producers are at work.
    private func replayer(_ spool: TestSpool) -> @Sendable (Producers) -> Void {
        { [keys] producers in
            while producers.areRunning {
                for key in keys {
                    _ = moveWithoutReplacing(spool.path("done/\(key).json"), spool.path("incoming/\(key).json"))
                }
                // Beside the producers, and not instead of them.
                usleep(500)
            }
        }
    }

    private func lines(_ stage: Stage, _ text: String) -> Int {
        stage.daemon.log.components(separatedBy: text).count - 1
    }

    private func settle(_ stage: Stage) throws {
        try eventually("all is settled", timeout: .seconds(60), orElse: stage.spool.listing()) {
            ["incoming", "processing", ".billhook/aside"].allSatisfy { stage.spool.names($0).isEmpty }
        }
    }

    /// One invoice a key, over all files and webhooks; nothing torn, mixed or foreign; and if nobody replaces anything,
    /// all that was dropped is there.
    private func expectOrder(
        _ stage: Stage, _ receiver: Receiver, produced: (Int, String) -> String, producers: Int = 8, strictly: Bool
    ) throws {
        try settle(stage)
        let spool = stage.spool
        for key in keys {
            let contents = Set((0..<producers).map { produced($0, key) })
            let states = spool.states(of: key)
            #expect(states.count == 1, "\(key) stands in \(states)")
            guard let state = states.first, spool.contains("\(state)/\(key).json.invoice") else {
                Issue.record("\(key) has no invoice: \(spool.listing())")
                continue
            }
            let standing = try spool.bytes("\(state)/\(key).json")
            let hash = HostileDrop.sha256(standing)
            // A producer that writes in place may have written over a request on its way to be replayed; it is told apart then.
            let wasOverwritten =
                try state == "dead" && spool.object("dead/\(key).json.error").text("code") == "conflict"
            #expect(
                try wasOverwritten || spool.object("\(state)/\(key).json.invoice").text("request_sha256") == hash,
                "\(key): the invoice is not of what stands there")
            let apart = spool.requests("dead").filter { $0.hasPrefix("\(key).conflict-") }
            let found = try [String(decoding: standing, as: UTF8.self)] + apart.map { try spool.text("dead/\($0)") }
            #expect(contents.isSuperset(of: found), "\(key): something stands there that nobody dropped")
            #expect(Set(found).count == found.count, "\(key): one content twice")
            if strictly { #expect(Set(found) == contents, "\(key): something that was dropped is lost") }
            for name in apart { #expect(spool.contains("dead/\(name).error")) }
            let ids = Set(receiver.calls.filter { $0.key == key }.map(\.invoiceID))
            #expect(ids == [try spool.invoiceID(key, in: state)])
        }
        #expect(try stage.daemon.terminate() == 0)
    }
}
