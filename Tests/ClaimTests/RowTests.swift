import Claim
import Foundation
import Spool
import TestSupport
import Testing
import Times

@testable import Files

@Suite("Drops that are claimed in a row")
struct RowTests {
    private let bench: Bench
    private let spool: Spool
    private let claimer: Claimer

    init() throws {
        bench = try Bench()
        spool = bench.spool.rememberingNames()
        claimer = Claimer(spool, maximumBytes: 4096)
    }

    /// Begins a row; `nil` where this file system is not trusted to show each change.
    private func begin() throws -> Claimer.Row? {
        guard spool.hold.remembered != nil, spool.dead.remembered != nil else { return nil }
        var row: Claimer.Row?
        try eventually("hold/ and dead/ have been quiet for long enough") {
            row = claimer.beginRow()
            return row != nil
        }
        return row
    }

    private func claim(_ drop: Drop, in row: Claimer.Row) throws -> ClaimOutcome {
        var commit = Commit(.process)
        return try claimer.claim(drop, evidence: .settled, in: row, now: bench.now, commit: &commit)
    }

    private func drop(_ text: String, _ key: String) throws -> Drop {
        try bench.put(text, "incoming/\(key).json")
        guard let drop = Drop(incoming: "\(key).json") else { throw BenchError.noDrop(key) }
        return drop
    }

    @Test("are claimed as each by itself would be")
    func undisturbed() throws {
        try bench.settle("held", in: .hold)
        try bench.settle("dead", in: .dead)
        try bench.settle("done", in: .done)
        guard let row = try begin() else { return }
        let stories = try ["new", "held", "dead", "done"].map { try claim(drop(Bench.paid, $0), in: row).story }
        #expect(stories == ["claimed", "duplicate of hold", "duplicate of dead", "duplicate of done"])
        #expect(claimer.isTrue(row))
        #expect(bench.files.contains("processing/new.json"))
    }

    @Test("see it when a request of their key is parked meanwhile, and go back to be claimed again")
    func parked() throws {
        try bench.settle("k", in: .processing)
        guard let row = try begin() else { return }
        let (again, other) = (try drop(Bench.other, "k"), try drop(Bench.paid, "other"))
        try bench.move("processing/k.json", "hold/k.json")
        for suffix in [".attempts", ".invoice"] { try bench.move("processing/k.json\(suffix)", "hold/k.json\(suffix)") }
        let (claimed, claimedOther) = (try claim(again, in: row), try claim(other, in: row))
        #expect(claimed.story == "claimed", "hold/ was empty when the row began")
        #expect(!claimer.isTrue(row))

        #expect(try claimer.recheck(claimed, of: again).story == "unsettled")
        #expect(try claimer.recheck(claimedOther, of: other).story == "claimed")
        #expect(try bench.text("incoming/k.json") == Bench.other)
        #expect(try bench.text("hold/k.json") == Bench.paid)
        #expect(!bench.files.contains { $0.hasPrefix("processing/k.json") })
        #expect(bench.files.contains("processing/other.json"))
        #expect(try bench.claim("k.json").story.hasPrefix("conflict "))
    }

    @Test("stay claimed if incoming/ has another one under their name by then")
    func replaced() throws {
        try bench.settle("k", in: .processing)
        guard let row = try begin() else { return }
        let again = try drop(Bench.other, "k")
        for suffix in ["", ".attempts", ".invoice"] {
            try bench.move("processing/k.json\(suffix)", "hold/k.json\(suffix)")
        }
        let claimed = try claim(again, in: row)
        _ = try drop(Bench.paidAnew, "k")
        #expect(try claimer.recheck(claimed, of: again).story == "claimed")
        #expect(try bench.text("processing/k.json") == Bench.other)
        #expect(try bench.text("incoming/k.json") == Bench.paidAnew)
    }

    // By its times: whether that was just now would be a question of how fast this runs.
    @Test("are not begun while hold/ or dead/ has just changed, and each asks for itself then")
    func unquiet() throws {
        guard try begin() != nil else { return }
        let later = Date(timeIntervalSinceNow: 3600)
        try FileManager.default.setAttributes(
            [.modificationDate: later], ofItemAtPath: bench.scratch.path("spool/dead"))
        #expect(claimer.beginRow() == nil)
    }
}
