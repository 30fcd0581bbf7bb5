import Deliver
import Files
import Operate
import Process
import Spool
import TestSupport
import Testing
import Times

@Suite("check: what the files say")
struct CheckContentTests {
    @Test("an .error in done/ or processing/ goes to the archive", arguments: [State.done, .processing])
    func misplacedError(state: State) throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", state)
        try fixture.put(.error, of: "a", state, "{}")
        #expect(try fixture.found() == ["error misplaced_error \(state.rawValue)/a.json.error"])
        #expect(try fixture.repaired() == ["error misplaced_error \(state.rawValue)/a.json.error"])
        #expect(try fixture.stands("archive/\(Timestamp.now.day)/a.json.error"))
    }

    @Test("a request in done/ without .invoice, and one in dead/ without .error, are told of")
    func missing() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .done)
        try fixture.put("b", .dead)
        #expect(try fixture.found() == ["error no_invoice done/a.json", "warning no_error dead/b.json"])
    }

    @Test("an .invoice that is cut off is an error, but in processing/, where it is written again")
    func torn() throws {
        let fixture = try SpoolFixture()
        for (name, state) in [("a", State.done), ("b", .processing)] {
            try fixture.put(name, state)
            try fixture.put(.invoice, of: name, state, #"{"id":"inv_"#)
        }
        #expect(
            try fixture.found()
                == ["error bad_invoice done/a.json.invoice", "warning bad_invoice processing/b.json.invoice"])
    }

    @Test("an .invoice of another key is an error")
    func otherKey() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .done)
        let other = try fixture.invoice("b").encoded()
        try fixture.put(.invoice, of: "a", .done, String(decoding: other, as: UTF8.self))
        #expect(try fixture.found() == ["error bad_invoice done/a.json.invoice"])
    }

    @Test("a request that was changed after it was processed is an error; in dead/ it may be edited")
    func changed() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        try fixture.put("a", .done, SpoolFixture.request(2))
        try fixture.putDead("b", at: .now)
        try fixture.put("b", .dead, SpoolFixture.request(2))
        #expect(
            try fixture.found()
                == ["error changed_request done/a.json.invoice", "warning changed_request dead/b.json.invoice"])
    }

    @Test("a torn last line is closed, and the schedule stays")
    func tornLine() throws {
        let fixture = try SpoolFixture()
        let invoice = try fixture.putProcessed("a", .processing)
        let whole = fixture.attempt(invoice, to: "erp")
        try fixture.put(.attempts, of: "a", .processing, whole + #"{"delivery_id""#)
        let due = Timestamp(seconds: 1_900_000_000, nanoseconds: 0)
        try fixture.setSchedule(of: "a", to: due)
        #expect(try fixture.found() == ["warning torn_line processing/a.json.attempts"])
        #expect(try fixture.repaired() == ["warning torn_line processing/a.json.attempts"])
        #expect(try fixture.text("processing/a.json.attempts") == whole + #"{"delivery_id""# + "\n")
        #expect(try fixture.spool.processing.status("a.json.attempts")?.modified == due)
        #expect(try fixture.found() == ["info strange_line processing/a.json.attempts"])
    }

    @Test("lines that are no attempts are counted, and the first is named")
    func strangeLines() throws {
        let fixture = try SpoolFixture()
        let invoice = try fixture.putProcessed("a", .done)
        try fixture.put(
            .attempts, of: "a", .done, fixture.attempt(invoice, to: "erp", 1, .delivered) + "\nhello\n{}\n")
        let finding = try #require(try fixture.checker.check(now: .now).findings.listed.first)
        #expect(finding.code == "strange_line")
        #expect(finding.message.hasPrefix("2 lines are no attempt and no mark, the first of them line 3;"))
    }

    @Test("an .error that is not whole is told of")
    func badError() throws {
        let fixture = try SpoolFixture()
        try fixture.put("a", .dead)
        try fixture.put(.error, of: "a", .dead, "{")
        #expect(try fixture.found() == ["warning bad_error dead/a.json.error"])
    }

    @Test("a directory under a request's or sidecar's name is an error")
    func notRegular() throws {
        let fixture = try SpoolFixture()
        try fixture.spool.done.make("a.json")
        try fixture.putProcessed("b", .done)
        try fixture.spool.done.make("b.json.attempts")
        #expect(try fixture.found() == ["error not_regular done/a.json", "error not_regular done/b.json.attempts"])
    }

    @Test("names that do not belong are told of, escaped; in incoming/ they are the daemon's to refuse")
    func foreign() throws {
        let fixture = try SpoolFixture()
        for name in ["notes.txt", "a b.json", "x.conflict-0123abcd.json"] {
            try fixture.scratch.write("", to: "spool/done/\(name)")
            try fixture.scratch.write("", to: "spool/incoming/\(name)")
        }
        try fixture.scratch.write("", to: "spool/hold/a\u{1b}")
        try fixture.scratch.write("", to: "spool/dead/refused-0123")
        #expect(
            try fixture.found() == [
                "warning foreign dead/refused-0123", "warning foreign done/a b.json",
                "warning foreign done/notes.txt", "warning foreign done/x.conflict-0123abcd.json",
                "warning foreign hold/a\\x1b",
            ])
    }

    @Test("an editor's file, and an event of its own, are not foreign")
    func known() throws {
        let fixture = try SpoolFixture()
        let event = String(repeating: "0a", count: 16)
        for name in ["+evt_\(event).json", "+evt_\(event).json.attempts", ".a.json.swp"] {
            try fixture.scratch.write("", to: "spool/processing/\(name)")
        }
        #expect(try fixture.found() == ["info unfinished processing/.a.json.swp"])
    }
}
