import Claim
import Files
import Foundation
import Settle
import Spool
import TestSupport
import Testing
import Times

@Suite("A drop of a taken key")
struct TakenKeyTests {
    static let states: [State] = [.processing, .done, .hold, .dead]

    @Test("is a duplicate if its bytes are the same, and is removed", arguments: states)
    func duplicate(state: State) throws {
        let bench = try Bench()
        try bench.settle("k", in: state)
        let before = bench.files
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "duplicate of \(state)")
        #expect(bench.files == before)
    }

    @Test("is a duplicate if it is the same JSON value", arguments: states)
    func equalValue(state: State) throws {
        let bench = try Bench()
        try bench.settle("k", in: state)
        let before = bench.files
        try bench.put(Bench.paidAnew, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "duplicate of \(state)")
        #expect(bench.files == before)
        #expect(try bench.text("\(state)/k.json") == Bench.paid)
    }

    @Test("is a conflict if it differs, once for the same content", arguments: states)
    func conflict(state: State) throws {
        let bench = try Bench(durability: .full)
        try bench.settle("k", in: state)
        let before = bench.files
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        for _ in 1...2 {
            try bench.put(Bench.other, "incoming/k.json")
            #expect(try bench.claim("k.json").story == "conflict \(name)")
            #expect(bench.files == before.union(["dead/\(name)", "dead/\(name).error"]))
        }
        #expect(try bench.text("dead/\(name)") == Bench.other)
        #expect(try bench.text("\(state)/k.json") == Bench.paid)
        #expect(try bench.errorCode("dead/\(name).error") == "conflict")
    }

    @Test("that conflicts does not replace a file that only shares its name in dead/")
    func sharedHash() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let name = try Bench.key("k").conflictFileName(for: Array(Bench.other.utf8))
        try bench.put("edited by hand", "dead/\(name)")
        for _ in 1...2 {
            try bench.put(Bench.other, "incoming/k.json")
            guard case .conflict(let second) = try bench.claim("k.json") else {
                Issue.record("no conflict")
                return
            }
            #expect(second != name)
            #expect(try bench.text("dead/\(second)") == Bench.other)
        }
        #expect(try bench.text("dead/\(name)") == "edited by hand")
        #expect(bench.files.filter { $0.hasPrefix("dead/k.conflict-") && $0.hasSuffix(".json") }.count == 2)
    }

    @Test("that is too large to be read whole is never taken for a duplicate, nor for the same conflict")
    func tooLargeToCompare() throws {
        let bench = try Bench(maximumBytes: 100)
        let padding = String(repeating: " ", count: 100)
        try bench.settle("k", in: .done)
        try bench.put(Bench.paid + padding + "1", "done/k.json")
        var names: Set<String> = []
        for tail in ["2", "3"] {
            try bench.put(Bench.paid + padding + tail, "incoming/k.json")
            guard case .conflict(let name) = try bench.claim("k.json") else {
                Issue.record("no conflict")
                return
            }
            names.insert(name)
        }
        #expect(names.count == 2)
        #expect(Set(try names.map { try bench.text("dead/\($0)").last }) == ["2", "3"])
    }

    @Test("that is the request itself under a second name is a duplicate, and only loses that name", arguments: states)
    func secondName(state: State) throws {
        let bench = try Bench()
        try bench.settle("k", in: state)
        let before = bench.files
        try bench.link("\(state)/k.json", "incoming/k.json")
        #expect(try bench.claim("k.json").story == "duplicate of \(state)")
        #expect(bench.files == before)
    }

    @Test("a conflict that comes back unchanged goes back where it was")
    func conflictReturns() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        try bench.put(Bench.other, "incoming/k.json")
        guard case .conflict(let name) = try bench.claim("k.json") else {
            Issue.record("no conflict")
            return
        }
        let before = bench.files
        try bench.move("dead/\(name)", "incoming/\(name)")
        #expect(try bench.claim(name).story == "conflict \(name)")
        #expect(bench.files == before)
    }

    @Test("a conflict that comes back edited to the first request's content is a duplicate, and its .error goes")
    func conflictResolved() throws {
        let bench = try Bench()
        try bench.settle("k", in: .done)
        let before = bench.files
        try bench.put(Bench.paidAnew, "incoming/k.conflict-0011aabb.json")
        try bench.put("{}", "dead/k.conflict-0011aabb.json.error")
        #expect(try bench.claim("k.conflict-0011aabb.json").story == "duplicate of done")
        #expect(bench.files == before)
    }

    // A bulk retry, `mv dead/*.json incoming/`, brings conflict and request together. The conflict, met first, was taken
    // for the edited request: it went to dead/ under the request's name, and the request itself became the conflict.
    @Test("a bulk retry leaves a conflict a conflict and the request the request", arguments: [true, false])
    func bulkRetry(conflictFirst: Bool) throws {
        let bench = try Bench()
        try bench.settle("k", in: .dead, delivered: false)
        try bench.put(Bench.other, "incoming/k.json")
        guard case .conflict(let name) = try bench.claim("k.json") else {
            Issue.record("no conflict")
            return
        }
        try bench.move("dead/\(name)", "incoming/\(name)")
        try bench.move("dead/k.json", "incoming/k.json")
        for drop in conflictFirst ? [name, "k.json"] : ["k.json", name] { _ = try bench.claim(drop) }
        #expect(
            bench.files == [
                "processing/k.json", "processing/k.json.invoice", "processing/k.json.attempts", "dead/\(name)",
                "dead/\(name).error",
            ])
        #expect(try bench.text("processing/k.json") == Bench.paid)
        #expect(try bench.text("dead/\(name)") == Bench.other)
    }
}

@Suite("A key in dead/ that was never processed")
struct SupersededTests {
    @Test("is free: a new drop supersedes the old file, which goes to the archive with its .error")
    func superseded() throws {
        let bench = try Bench()
        try bench.put(Bench.refused, "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.bury("k") == .settled)
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed")
        let day = bench.now.day
        #expect(bench.files == ["processing/k.json", "archive/\(day)/k.json", "archive/\(day)/k.json.error"])
    }

    // Each file was given a mark of its own, so that nobody could tell whose `.error` was whose.
    @Test("goes to the archive together with its .error where the names are taken there")
    func together() throws {
        let bench = try Bench()
        let day = bench.now.day
        try bench.put("old", "archive/\(day)/k.json")
        try bench.put(Bench.refused, "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.bury("k") == .settled)
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed")
        let added = bench.files.subtracting(["processing/k.json", "archive/\(day)/k.json"])
        let request = try #require(added.first { $0.hasSuffix(".json") })
        #expect(added == [request, request + ".error"])
        #expect(try bench.text("archive/\(day)/k.json") == "old")
    }

    @Test("half superseded by a crash, it is superseded all the same, and the new one is no retry")
    func crash() throws {
        let bench = try Bench()
        try bench.put(Bench.refused, "dead/k.json")
        try bench.put("{}", "archive/\(bench.now.day)/k.json.error")
        try bench.put(Bench.paid, "incoming/k.json")
        #expect(try bench.claim("k.json").story == "claimed")
        #expect(bench.files.filter { $0.hasPrefix("dead/") }.isEmpty)
        #expect(bench.files.contains("processing/k.json"))
    }

    @Test("that comes back itself is a retry and is validated again")
    func retried() throws {
        let bench = try Bench()
        try bench.put(Bench.refused, "incoming/k.json")
        try bench.take("k.json")
        #expect(try bench.bury("k") == .settled)
        try bench.put(Bench.paid, "dead/k.json")
        try bench.move("dead/k.json", "incoming/k.json")
        let outcome = try bench.take("k.json")
        #expect(outcome.story == "ready")
        #expect(try bench.rounds("processing/k.json.attempts") == ["retry"])
        #expect(!bench.files.contains("dead/k.json.error"))
    }
}
