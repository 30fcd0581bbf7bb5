import Deliver
import Files
import Operate
import Process
import Spool
import TestSupport
import Testing
import Times

@Suite("check: sidecars without their request")
struct CheckOrphanTests {
    private func invoice(_ fixture: SpoolFixture, _ name: String, _ text: String = SpoolFixture.request()) throws
        -> String
    {
        String(decoding: try fixture.invoice(name, text).encoded(), as: UTF8.self)
    }

    @Test("sidecars of a cancelled request go to today's archive, and the key is free")
    func cancelled() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.invoice, of: "a", .processing, invoice(fixture, "a"))
        try fixture.put(.attempts, of: "a", .processing, "")
        let expected = ["warning orphan processing/a.json.attempts", "warning orphan processing/a.json.invoice"]
        #expect(try fixture.found() == expected)
        let message = try fixture.checker.check(now: .now).findings.listed.map(\.message).joined()
        #expect(message.contains("the key a is taken"))
        #expect(try fixture.repaired() == expected)
        let folder = try fixture.spool.archive.directory(Timestamp.now.day)
        #expect(try fixture.names(folder) == ["a.json.attempts", "a.json.invoice"])
    }

    @Test(
        "an empty .invoice in processing/ is what a crash left of a claim: it takes no key, and goes to the archive",
        arguments: [false, true])
    func unwritten(besideDead isDead: Bool) throws {
        let fixture = try SpoolFixture()
        if isDead { try fixture.putDead("a", at: .now, processed: false) }
        try fixture.put(.invoice, of: "a", .processing, "")
        #expect(try fixture.found() == ["warning orphan processing/a.json.invoice"])
        #expect(try fixture.checker.check(now: .now).findings.listed.first?.message.contains("takes no key") == true)
        #expect(try fixture.repaired() == ["warning orphan processing/a.json.invoice"])
        #expect(try fixture.names(fixture.spool.processing) == [])
    }

    @Test("in done/, dead/ and hold/ they are errors, and move the same way", arguments: [State.done, .dead, .hold])
    func removed(state: State) throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "a", state, "")
        #expect(try fixture.found() == ["error orphan \(state.rawValue)/a.json.attempts"])
        #expect(try fixture.repaired() == ["error orphan \(state.rawValue)/a.json.attempts"])
    }

    @Test("an .invoice joins its request in done/, which lacks it")
    func joins() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .done)
        try fixture.put(.invoice, of: "a", .dead, invoice(fixture, "a"))
        #expect(try fixture.found() == ["error no_invoice done/a.json", "error orphan dead/a.json.invoice"])
        #expect(try fixture.repaired() == ["error orphan dead/a.json.invoice"])
        #expect(try fixture.names(fixture.spool.done) == ["a.json", "a.json.invoice"])
    }

    @Test("what an interrupted settlement left joins the request that is still in processing/")
    func joinsProcessing() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .processing)
        try fixture.put(.invoice, of: "a", .done, invoice(fixture, "a"))
        try fixture.put(.attempts, of: "a", .done, "")
        #expect(
            try fixture.repaired()
                == ["warning orphan done/a.json.attempts", "warning orphan done/a.json.invoice"])
        #expect(try fixture.names(fixture.spool.processing) == ["a.json", "a.json.attempts", "a.json.invoice"])
    }

    @Test("an .invoice of other content does not join")
    func misfit() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .processing)
        try fixture.put(.invoice, of: "a", .done, invoice(fixture, "a", SpoolFixture.request(7)))
        #expect(try fixture.repaired() == ["warning orphan done/a.json.invoice"])
        #expect(try fixture.names(fixture.spool.processing) == ["a.json"])
        #expect(try fixture.stands("archive/\(Timestamp.now.day)/a.json.invoice"))
    }

    @Test("an .error never joins a request that is not dead")
    func error() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .processing)
        try fixture.put(.error, of: "a", .dead, "{}")
        #expect(try fixture.repaired() == ["warning orphan dead/a.json.error"])
        #expect(try fixture.names(fixture.spool.processing) == ["a.json", "a.json.invoice"])
    }

    @Test("a second sidecar beside none does not replace the first")
    func second() throws {
        let fixture = try SpoolFixture()
        let first = try fixture.putProcessed("a", .done)
        try fixture.put(.invoice, of: "a", .processing, "{}")
        #expect(try fixture.repaired() == ["error orphan processing/a.json.invoice"])
        #expect(try fixture.text("done/a.json.invoice") == String(decoding: first.encoded(), as: UTF8.self))
        #expect(try fixture.text("archive/\(Timestamp.now.day)/a.json.invoice") == "{}")
    }

    @Test("what a crash left in done/ follows its request to the archive")
    func follows() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write(SpoolFixture.request(), to: "spool/archive/2023-11-14/a.json")
        try fixture.put(.invoice, of: "a", .done, invoice(fixture, "a"))
        #expect(try fixture.found() == ["warning orphan done/a.json.invoice"])
        #expect(try fixture.repaired() == ["warning orphan done/a.json.invoice"])
        #expect(try fixture.stands("archive/2023-11-14/a.json.invoice"))
    }

    @Test("with requests in two places nothing is moved")
    func ambiguous() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .processing)
        try fixture.putProcessed("a", .done)
        try fixture.put(.attempts, of: "a", .dead, "")
        #expect(
            try fixture.found() == ["error orphan dead/a.json.attempts", "error two_requests processing/a.json"])
        #expect(try fixture.checker.repair(now: .now).mended.count == 0)
        #expect(try fixture.stands("dead/a.json.attempts"))
    }

    @Test("two .invoice of a parked request are for a person to compare")
    func doubled() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .hold)
        try fixture.put(.invoice, of: "a", .processing, invoice(fixture, "a"))
        try fixture.put(.invoice, of: "a", .done, invoice(fixture, "a"))
        #expect(try fixture.found() == ["error two_sidecars done/a.json.invoice"])
        #expect(try fixture.checker.repair(now: .now).mended.count == 0)
    }

    @Test("the .error of a conflict or a refused file that was taken away goes to the archive")
    func reasons() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abcd.json.error")
        try fixture.scratch.write("{}", to: "spool/dead/refused-0123abcd.error")
        let expected = [
            "warning orphan dead/a.conflict-0123abcd.json.error", "warning orphan dead/refused-0123abcd.error",
        ]
        #expect(try fixture.found() == expected)
        #expect(try fixture.repaired() == expected)
        #expect(try fixture.names(fixture.spool.dead) == [])
    }

    @Test("the .error of a conflict whose drop a crash left in aside/ stays")
    func interruptedConflict() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write("{}", to: "spool/.billhook/aside/a.json~0123abcd")
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abcd.json.error")
        try fixture.scratch.write("{}", to: "spool/dead/b.conflict-0123abcd.json.error")
        #expect(
            try fixture.found() == [
                "info aside .billhook/aside/a.json~0123abcd", "warning orphan dead/b.conflict-0123abcd.json.error",
            ])
    }

    @Test("the .error of what a crash left in incoming/ stays")
    func interruptedRefusal() throws {
        let fixture = try SpoolFixture()
        let name = "odd \\ näme"
        try fixture.spool.incoming.make(name)
        let report = ErrorReport(
            code: "refused", message: "No.", stage: .claim, hint: "Move it.", at: .now,
            fileName: DropName.escaped(Array(name.utf8)))
        let refused = DropName.refusedName(Array(name.utf8))
        try fixture.scratch.write(
            String(decoding: report.encoded(), as: UTF8.self), to: "spool/dead/\(refused).error")
        #expect(try fixture.found() == [])
    }
}
