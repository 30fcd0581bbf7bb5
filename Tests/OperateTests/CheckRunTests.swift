import Deliver
import Files
import JSON
import Process
import Spool
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("check: the run")
struct CheckRunTests {
    /// Every combination that the contract allows, at once.
    private func busySpool() throws -> SpoolFixture {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        try fixture.put("new", .incoming)
        try fixture.put("cut", .incoming, "{")
        try fixture.scratch.write("", to: "spool/incoming/.new.json.part")
        try fixture.put("claimed", .processing)
        let waiting = try fixture.putProcessed("waiting", .processing)
        try fixture.put(.attempts, of: "waiting", .processing, fixture.attempt(waiting, to: "erp", next: .now))
        try fixture.putProcessed("parked", .processing)
        try fixture.move("processing/parked.json", to: "hold/parked.json")
        try fixture.putProcessed("done", .done)
        try fixture.put("done", .incoming, SpoolFixture.request(2))
        try fixture.putDead("retried", at: .now)
        try fixture.move("dead/retried.json", to: "incoming/retried.json")
        try fixture.putProcessed("replayed", .done)
        try fixture.move("done/replayed.json", to: "incoming/replayed.json")
        try fixture.putDead("rejected", at: .now, processed: false)
        try fixture.put("rejected", .incoming)
        try fixture.scratch.write("{}", to: "spool/dead/done.conflict-0123abcd.json")
        try fixture.scratch.write("{}", to: "spool/dead/done.conflict-0123abcd.json.error")
        try fixture.scratch.write("", to: "spool/dead/refused-0123abcd")
        try fixture.scratch.write("{}", to: "spool/dead/refused-0123abcd.error")
        try fixture.scratch.write("{}", to: "spool/archive/2023-11-14/old.json")
        return fixture
    }

    @Test("a healthy, busy spool yields nothing, and a repair leaves it as it is")
    func healthy() throws {
        let fixture = try busySpool()
        let before = try State.allCases.map { try fixture.names(fixture.spool.directory($0)) }
        #expect(try fixture.found() == [])
        #expect(try fixture.repaired() == [])
        #expect(try State.allCases.map { try fixture.names(fixture.spool.directory($0)) } == before)
        #expect(try fixture.names(fixture.spool.own) == ["aside", "id", "lock", "settings"])
    }

    @Test("a check changes nothing")
    func dry() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "a", .done, "{")
        try fixture.put("b", .processing)
        try fixture.link("processing/b.json", as: "incoming/b.json")
        let report = try fixture.checker.check(now: .now)
        #expect(report.findings.repairable == 2)
        #expect(report.isIllegal)
        #expect(try fixture.names(fixture.spool.done) == ["a.json.attempts"])
        #expect(try fixture.names(fixture.spool.incoming) == ["b.json"])
        #expect(report.summary == "Found 2 errors, 1 note; --repair mends 2 of them.")
    }

    @Test("a repair beside a daemon is for later; a check is not")
    func besideDaemon() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "a", .done, "")
        let lock = try SpoolLock(fixture.spool, holder: "process 7")
        let error = #expect(throws: OperateError.self) { try fixture.checker.repair(now: .now) }
        #expect(error?.kind == .tryAgain)
        #expect(error?.description.contains("process 7") == true)
        #expect(try fixture.found() == ["error orphan done/a.json.attempts"])
        #expect(try fixture.stands("done/a.json.attempts"))
        _ = consume lock
        #expect(try fixture.repaired() == ["error orphan done/a.json.attempts"])
    }

    @Test("what has moved on when it is looked at again is not told of")
    func motion() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "a", .done, "")
        let pass = CheckPass(fixture.spool, isServed: true)
        let entry = CheckEntry(place: .state(.done), name: Array("a.json.attempts".utf8))
        var list = CheckList()
        for finding in try pass.findings(entry) { list.add(finding) }
        #expect(list.count(.error) == 1)
        try fixture.putProcessed("a", .done)
        list.keep { finding in (try? pass.findings(entry).contains { $0.isSame(as: finding) }) ?? true }
        #expect(list.count == 0)
        #expect(list.repairable == 0)
    }

    @Test("a repair that meets something else than was found does nothing")
    func changedMeanwhile() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .processing)
        try fixture.put("a", .incoming, SpoolFixture.request(2))
        try fixture.putProcessed("b", .done)
        var mender = CheckMender(fixture.spool, now: .now)
        #expect(try !mender.mend(.removeTwin(name: "a.json", from: .incoming, keptIn: .processing)))
        #expect(try !mender.mend(.join(.invoice, fixture.key("b"), from: .done, to: .dead)))
        #expect(try !mender.mend(.archive(name: "c.json.error", from: .done)))
        #expect(try !mender.mend(.closeLine(name: "b.json.invoice", in: .done)))
        #expect(try fixture.text("incoming/a.json") == SpoolFixture.request(2))
        #expect(try fixture.stands("done/b.json.invoice"))
    }

    @Test("of more findings than can be listed the rest are counted, and repaired all the same")
    func many() throws {
        let fixture = try SpoolFixture()
        let count = CheckReport.maximumListed + 5
        for number in 0..<count { try fixture.put(.attempts, of: "k\(number)", .done, "") }
        let report = try fixture.checker.check(now: .now)
        #expect(report.findings.listed.count == CheckReport.maximumListed)
        #expect(report.findings.count == count)
        #expect(report.text().contains("\n5 more are not listed.\n"))
        let repair = try fixture.checker.repair(now: .now)
        #expect(repair.mended.count == count)
        #expect(repair.findings.count == 0)
        #expect(try fixture.names(fixture.spool.done) == [])
    }

    @Test("the report for a person names level, path, reason and remedy, and ends with a summary")
    func text() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "a", .done, "")
        let orphan = """
            error    done/a.json.attempts
                     Its request stands nowhere in the spool: somebody removed it.
                     --repair moves it to today's folder in archive/.

            """
        let tail = "The spool \(fixture.spool.path): renames by renameat2, changes by inotify.\n"
        let found = try fixture.checker.check(now: .now).text()
        #expect(found == orphan + tail + "Found 1 error; --repair mends 1 of them.\n")
        let repaired = try fixture.checker.repair(now: .now).text()
        #expect(repaired.hasPrefix("repaired done/a.json.attempts\n"))
        let deed = "         It was moved to today's folder in archive/.\n"
        #expect(repaired.hasSuffix("\(deed)\(tail)Repaired 1; nothing is left.\n"))
        #expect(try fixture.checker.check(now: .now).text() == tail + "Nothing is wrong.\n")
    }

    @Test("the report for programs is an object a finding and one that sums up")
    func json() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "a", .done, "")
        let lines = try fixture.checker.check(now: .now).encoded().split(separator: UInt8(ascii: "\n"))
        try #require(lines.count == 2)
        let finding = try #require(try JSONReader.read(Array(lines[0])).object)
        #expect(finding["finding"]?.string == "orphan")
        #expect(finding["level"]?.string == "error")
        #expect(finding["path"]?.string == "done/a.json.attempts")
        let summary = try #require(try JSONReader.read(Array(lines[1])).object)
        #expect(summary["finding"]?.string == "summary")
        #expect(summary["errors"]?.int64 == 1)
        #expect(summary["repairable"]?.int64 == 1)
        #expect(summary["renames"]?.string == "renameat2")
    }

    @Test("where a sidecar may stand, by where its requests do")
    func placement() {
        #expect(CheckPlacement.of(sidecarIn: .done, requests: [.incoming, .done]) == .beside)
        #expect(CheckPlacement.of(sidecarIn: .dead, requests: [.incoming]) == .waiting)
        #expect(CheckPlacement.of(sidecarIn: .processing, requests: [.incoming, .hold]) == .waiting)
        #expect(CheckPlacement.of(sidecarIn: .processing, requests: [.incoming, .done]) == .stray(request: .done))
        #expect(
            CheckPlacement.of(sidecarIn: .dead, requests: [.processing, .done]) == .ambiguous([.processing, .done]))
        #expect(CheckPlacement.of(sidecarIn: .incoming, requests: []) == .gone)
    }
}
