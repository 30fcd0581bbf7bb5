import Claim
import Files
import Foundation
import Spool
import TestSupport
import Testing

@Suite("A drop that was read before its turn")
struct ReadAheadTests {
    private let bench: Bench
    private let drop: Drop

    init() throws {
        bench = try Bench()
        drop = try #require(Drop(incoming: "inv-1.json"))
    }

    private func read(_ evidence: Claimer.Evidence = .settled) -> ClaimedRequest? {
        bench.claimer.readAhead(drop, evidence: evidence)
    }

    private func claim(_ ahead: ClaimedRequest, _ evidence: Claimer.Evidence = .settled) throws -> ClaimOutcome {
        var commit = Commit(.process)
        return try bench.claimer.claim(drop, evidence: evidence, ahead: ahead, now: bench.now, commit: &commit)
    }

    private func content(_ outcome: ClaimOutcome) -> String? {
        guard case .claimed(let claimed, round: nil) = outcome else { return nil }
        return String(decoding: claimed.content, as: UTF8.self)
    }

    @Test("is claimed as it was read, without being read again", arguments: [Claimer.Evidence.settled, .seen])
    func claimed(evidence: Claimer.Evidence) throws {
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let ahead = try #require(read(evidence))
        #expect(bench.files == ["incoming/inv-1.json"])
        // A look at it would find that it has not changed.
        let seen = FileSnapshot(try #require(try bench.spool.incoming.status("inv-1.json")))
        #expect(try content(claim(ahead, .changed(since: seen))) == Bench.paid)
        #expect(bench.files == ["processing/inv-1.json"])
    }

    @Test("is what stands there when it is claimed, if another file has taken its place")
    func replaced() throws {
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let ahead = try #require(read())
        try bench.put(Bench.other, "tmp/inv-1.json")
        try bench.replace("tmp/inv-1.json", "incoming/inv-1.json")
        #expect(try content(claim(ahead)) == Bench.other)
    }

    @Test("is left in incoming/ if somebody wants to write it by then")
    func wanted() throws {
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let ahead = try #require(read())
        // The daemon ignores it, too: it tells that somebody waits for a lease, which is asked for when it matters.
        signal(SIGIO, SIG_IGN)
        let writer = open(bench.scratch.path("spool/incoming/inv-1.json"), O_WRONLY | O_NONBLOCK)
        #expect(writer == -1)
        #expect(try claim(ahead).story == "being written")
        #expect(bench.files == ["incoming/inv-1.json"])
    }

    @Test("is nothing if it has gone by then")
    func gone() throws {
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let ahead = try #require(read())
        try bench.remove("incoming/inv-1.json")
        #expect(try claim(ahead).story == "vanished")
        #expect(bench.files.isEmpty)
    }

    @Test("is a duplicate if its key was taken in between")
    func taken() throws {
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let ahead = try #require(read())
        try bench.move("incoming/inv-1.json", "tmp/again")
        try bench.put(Bench.paid, "incoming/inv-1.json")
        try bench.take("inv-1.json")
        try bench.move("tmp/again", "incoming/inv-1.json")
        #expect(try claim(ahead).story == "duplicate of processing")
        #expect(bench.files == ["processing/inv-1.json", "processing/inv-1.json.invoice"])
    }

    @Test("waits for its rest if it was cut off")
    func incomplete() throws {
        try bench.put("{", "incoming/inv-1.json")
        let ahead = try #require(read())
        #expect(try claim(ahead).story == "incomplete")
        #expect(bench.files == ["incoming/inv-1.json"])
    }

    @Test("is none of those that have to be looked at in their turn")
    func left() throws {
        #expect(read() == nil, "there is none")
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let path = bench.scratch.path("spool/incoming/inv-1.json")
        let seen = FileSnapshot(try #require(try bench.spool.incoming.status("inv-1.json")))
        #expect(read(.quiet(since: seen)) == nil)
        #expect(read(.changed(since: seen)) == nil)
        do {
            let writer = try File.appending("inv-1.json", in: bench.spool.incoming)
            #expect(read() == nil, "it is being written")
            try writer.write([UInt8](repeating: UInt8(ascii: " "), count: 20_000))
        }
        #expect(read() == nil, "it is large")
        try bench.remove("incoming/inv-1.json")
        #expect(symlink("/etc/hostname", path) == 0)
        #expect(read() == nil, "it is a symbolic link")
        #expect(unlink(path) == 0)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(read() == nil, "it is a FIFO")
        try bench.put(Bench.paid, ".billhook/aside/inv-1.json~00112233")
        let aside = try #require(Drop(aside: "inv-1.json~00112233"))
        #expect(bench.claimer.readAhead(aside, evidence: .settled) == nil, "it stands aside")
        let unkeyed = try #require(Drop(incoming: "inv-2.json", .derived(.content)))
        try bench.put(Bench.paid, "incoming/inv-2.json")
        #expect(bench.claimer.readAhead(unkeyed, evidence: .settled) == nil, "its key stands in its content")
    }
}

extension Bench {
    fileprivate func replace(_ from: String, _ to: String) throws {
        guard rename(scratch.path("spool/" + from), scratch.path("spool/" + to)) == 0 else {
            throw BenchError.notClaimed(to)
        }
    }
}
