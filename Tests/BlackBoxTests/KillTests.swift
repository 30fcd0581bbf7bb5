import Foundation
import TestSupport
import Testing

@Suite("A daemon that is killed by hand again and again", .serialized)
struct KillTests {
    /// When a person, or a careless supervisor, kills it.
    enum Moment: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case whenReady = "as soon as it is ready"
        case always = "always as long after its start"
        case anyTime = "after its first claims, or at any time"

        var testDescription: String { rawValue }
    }

    private static let kills = 42
    private static let backlog = 400

    @Test("buries nothing, and does everything once it is let live", arguments: Moment.allCases)
    func killed(moment: Moment) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        for number in 0..<300 { try spool.submit("k\(number)") }
        for number in 300..<KillTests.backlog { try spool.write(TestSpool.request, to: "processing/k\(number).json") }
        for kill in 0..<KillTests.kills {
            let daemon = try Daemon(spool, ["--lanes", "2", "--log-level", "notice"])
            for number in 0..<10 { try spool.submit("k\(KillTests.backlog + kill * 10 + number)") }
            wait(for: moment, kill, spool)
            try daemon.kill9()
        }
        #expect(spool.names("dead").isEmpty)
        let daemon = try Daemon(spool, ["--lanes", "2", "--log-level", "notice"])
        let count = KillTests.backlog + KillTests.kills * 10
        try eventually("all are done", timeout: .seconds(60), orElse: spool.listing()) {
            spool.requests("done").count == count
        }
        for state in ["incoming", "processing", "dead", ".billhook/aside"] { #expect(spool.names(state).isEmpty) }
        try spool.waitUntilGone(".billhook/deaths")
        #expect(Set(receiver.calls.map(\.invoiceID)).count == count)
        #expect(try daemon.terminate() == 0)
    }

    @Test("is fast again as soon as it has been let live once")
    func fastAgain() throws {
        let spool = try TestSpool()
        for _ in 0..<3 {
            let daemon = try Daemon(spool, ["--lanes", "2", "--log-level", "notice"])
            try spool.waitUntilGone(".billhook/deaths")
            try daemon.kill9()
        }
        #expect(!Daemon.log(of: spool).contains("one file is taken up at a time"))
    }

    @Test("tells that it is cautious, and when it is over")
    func tells() throws {
        let spool = try TestSpool()
        try spool.submit("k")
        try spool.write(#"{"deaths":1}"#, to: "tmp/deaths")
        let first = try Daemon(spool)
        try spool.wait(for: "done/k.json")
        try first.terminate()
        #expect(!spool.contains(".billhook/deaths"), "a clean end leaves none")
        try spool.move("tmp/deaths", to: ".billhook/deaths")
        let second = try Daemon(spool)
        try second.waitForLog("ended 2 times in a row before all that stands here had been taken up")
        try second.waitForLog("all that stood here has been taken up without harm")
        try spool.submit("after")
        try spool.wait(for: "done/after.json")
        #expect(!spool.contains(".billhook/deaths"))
    }

    private func wait(for moment: Moment, _ kill: Int, _ spool: TestSpool) {
        switch moment {
        case .whenReady: break
        // The same moment each time, and moments of no meaning: nothing is waited for.
        case .always: usleep(15_000)
        case .anyTime where kill.isMultiple(of: 2): usleep(.random(in: 0...40_000))
        case .anyTime:
            // While a suspect waits for its trial there are none.
            let before = spool.requests("incoming").count
            try? eventually("something is claimed", timeout: .milliseconds(100)) {
                spool.requests("incoming").count < before
            }
        }
    }
}
