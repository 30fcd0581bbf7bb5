import Claim
import Deliver
import Files
import Foundation
import Process
import Settle
import Spool
import TestSupport
import Testing
import Times

@Suite("A drop whose key is in its content")
struct DerivedKeyTests {
    static let field = KeySource.derived(.field("order"))
    static let name = "Rechnung 2026 (ä).json"

    static func request(_ order: String, _ amount: Int = 100) -> String {
        #"{"order":"\#(order)","customer_id":"c1","amount_cents":\#(amount)}"#
    }

    /// Claims a drop as far as it goes: what its key is derived from is claimed for that key.
    func claim(_ bench: Bench, _ name: String, evenIfIncomplete: Bool = false) throws -> ClaimOutcome {
        try follow(bench, try bench.claim(name, evenIfIncomplete: evenIfIncomplete))
    }

    func follow(_ bench: Bench, _ first: ClaimOutcome) throws -> ClaimOutcome {
        var outcome = first
        for _ in 0..<8 {
            guard case .derived(let drop) = outcome else { return outcome }
            outcome = try bench.claim(drop, .seen, evenIfIncomplete: true)
        }
        return outcome
    }

    /// Claims and processes.
    @discardableResult
    func take(_ bench: Bench, _ name: String) throws -> Preparation.Outcome {
        guard case .claimed(let claimed, let round) = try claim(bench, name) else { throw BenchError.notClaimed(name) }
        var commit = Commit(bench.durability)
        let outcome = try bench.preparation.prepare(claimed, round: round, now: bench.now, commit: &commit)
        try commit.flush(bench.spool)
        try OriginalName(bench.spool).forget(claimed.key)
        return outcome
    }

    /// Starts again after a crash.
    func recover(_ bench: Bench) throws {
        try OriginalName(bench.spool).tidy()
        for name in asideNames(bench) {
            if let drop = Drop(aside: name) { _ = try follow(bench, try bench.claim(drop, .seen)) }
        }
        for name in try bench.spool.incoming.names().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            if Drop(incoming: name, bench.spool.keySource) != nil { _ = try claim(bench, name) }
        }
        for name in try bench.spool.processing.names().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            guard case .request(let key) = DropName(name) else { continue }
            _ = try bench.load(key.name)
            try OriginalName(bench.spool).forget(key)
        }
    }

    func asideNames(_ bench: Bench) -> [String] {
        ((try? bench.spool.aside.names()) ?? []).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    func origin(_ bench: Bench, _ place: String) throws -> KeyOrigin? { try bench.record(place).keyOrigin }

    // MARK: The way of a drop

    @Test("goes to aside/ first, and becomes the request of its key there")
    func way() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/" + Self.name)
        let first = try bench.claim(Self.name)
        #expect(first.story == "derived o-1")
        #expect(try bench.spool.incoming.names().isEmpty)
        #expect(asideNames(bench).count == 2, "the drop, and its name")
        #expect(try follow(bench, first).story == "claimed")
        #expect(bench.files.contains("processing/o-1.json"))
        #expect(asideNames(bench) == ["o-1.json.name"])
        _ = try bench.load("o-1")
        #expect(
            try origin(bench, "processing/o-1.json.invoice") == KeyOrigin(keyFrom: "field:order", fileName: Self.name))
    }

    @Test("may bear any name of 255 bytes, and one that can't be shown is escaped")
    func names() throws {
        let long = String(repeating: "ä", count: 125) + ".json"
        for (number, name) in [long, "a\tb.json", "a\u{202E}.json"].enumerated() {
            let bench = try Bench(keySource: Self.field)
            try bench.put(Self.request("o-\(number)"), "incoming/" + name)
            try take(bench, name)
            let found = try origin(bench, "processing/o-\(number).json.invoice")?.fileName
            #expect(found == [long, "a\\x09b.json", "a\\xe2\\x80\\xae.json"][number])
            #expect(asideNames(bench).isEmpty)
        }
    }

    @Test("an incomplete one is left where it is, and goes to dead/ without a key when the wait is over")
    func incomplete() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(#"{"order":"#, "incoming/a b.json")
        #expect(try claim(bench, "a b.json").story == "incomplete")
        #expect(bench.files == ["incoming/a b.json"])
        let refused = DropName.refusedName(Array("a b.json".utf8))
        #expect(try claim(bench, "a b.json", evenIfIncomplete: true).story == "keyless \(refused): incomplete")
        #expect(bench.files == ["dead/\(refused)", "dead/\(refused).error"])
    }

    @Test("one that is too large to be read, or that may not be read, has no key")
    func unread() throws {
        let bench = try Bench(maximumBytes: 64, keySource: Self.field)
        try bench.put(Self.request("o-1") + String(repeating: " ", count: 64), "incoming/large.json")
        #expect(try claim(bench, "large.json").story == "keyless large.json: too_large")
        #expect(try bench.text("dead/large.json").hasPrefix(Self.request("o-1")))
    }

    @Test("without a key it keeps its name in dead/ only if no request has it")
    func keylessName() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/x.json")
        try take(bench, "x.json")
        try bench.put("{]", "incoming/o-1.json")
        let refused = DropName.refusedName(Array("o-1.json".utf8))
        #expect(try claim(bench, "o-1.json").story == "keyless \(refused): malformed_json")
        try bench.put("{]", "incoming/y.json")
        #expect(try claim(bench, "y.json").story == "keyless y.json: malformed_json")
        let renaming = "Rename it to something.json when you move it back."
        #expect(try bench.text("dead/\(refused).error").contains(renaming))
        #expect(try !bench.text("dead/y.json.error").contains(renaming))
        try bench.put("{}", "incoming/y.json")
        let second = DropName.refusedName(Array("y.json".utf8))
        #expect(try claim(bench, "y.json").story == "keyless \(second): missing_field")
        #expect(try bench.text("dead/y.json") == "{]", "nothing that lies there is replaced")
        try bench.put("[]", "incoming/y.json")
        #expect(try claim(bench, "y.json").story == "keyless \(second): not_an_object")
        #expect(try bench.text("dead/\(second)") == "[]")
        #expect(bench.files.contains { $0.hasPrefix("archive/") && $0.contains(second) })
    }

    // MARK: Taken keys

    @Test("a second one of the same value is a duplicate under any name, and its name is forgotten")
    func duplicate() throws {
        let bench = try Bench(keySource: .derived(.content))
        try bench.put(Bench.paid, "incoming/a.json")
        try take(bench, "a.json")
        try bench.put(Bench.paidAnew, "incoming/b.json")
        #expect(try claim(bench, "b.json").story == "duplicate of processing")
        #expect(asideNames(bench).isEmpty)
        #expect(try bench.spool.incoming.names().isEmpty)
    }

    @Test("another with the same field is a conflict, whose .error tells its name")
    func conflict() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/a.json")
        try take(bench, "a.json")
        try bench.put(Self.request("o-1", 5), "incoming/b c.json")
        guard case .conflict(let name) = try claim(bench, "b c.json") else {
            Issue.record("no conflict")
            return
        }
        let report = try #require(ErrorReport(try bench.scratch.read("spool/dead/\(name).error")))
        #expect(report.fileName == "b c.json")
        #expect(report.hint.contains("`order`"))
        #expect(asideNames(bench).isEmpty)

        // Moved back as it is, it is the same conflict again.
        try bench.move("dead/\(name)", "incoming/\(name)")
        #expect(try claim(bench, name).story == "conflict \(name)")
        #expect(Set(bench.files.filter { $0.contains(".conflict-") }) == ["dead/\(name)", "dead/\(name).error"])
    }

    // A drop of the same value, written otherwise, was set apart as a conflict while the first request was being replayed.
    @Test("of the same value in other bytes it is a duplicate even while the first request is on its way")
    func onItsWay() throws {
        let bench = try Bench(keySource: .derived(.content))
        try bench.put(Bench.paid, "incoming/a.json")
        guard case .ready(let work) = try take(bench, "a.json") else { return }
        let key = work.key.name
        _ = try bench.finish(key)
        try bench.move("done/\(key).json", "incoming/\(key).json")
        try bench.put(Bench.paidAnew, "incoming/b.json")
        #expect(try claim(bench, "b.json").story == "duplicate of done")
        #expect(try claim(bench, "\(key).json").story == "claimed, replay")
        #expect(try bench.record("processing/\(key).json.invoice").id == work.event.invoiceID)
    }

    // MARK: What changes while its key is read

    @Test("written by somebody who had it open, so that it has another key, it is read anew")
    func changedAside() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/a.json")
        guard case .derived(let drop) = try bench.claim("a.json") else { return }
        try Data(Self.request("o-2").utf8).write(to: URL(fileURLWithPath: asidePath(bench, drop)))
        let again = try bench.claim(drop)
        #expect(again.story.hasPrefix("derived"))
        #expect(try follow(bench, again).story == "claimed")
        #expect(bench.files.contains("processing/o-2.json"))
        _ = try bench.load("o-2")
        #expect(try origin(bench, "processing/o-2.json.invoice")?.fileName == "a.json")
    }

    @Test("cut off in aside/, it goes back to incoming/ under its own name, and waits for its rest")
    func cutAside() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/" + Self.name)
        guard case .derived(let drop) = try bench.claim(Self.name) else { return }
        try Data(#"{"order""#.utf8).write(to: URL(fileURLWithPath: asidePath(bench, drop)))
        #expect(try follow(bench, try bench.claim(drop)).story == "vanished")
        #expect(bench.files == ["incoming/" + Self.name])
        #expect(asideNames(bench).isEmpty)
    }

    func asidePath(_ bench: Bench, _ drop: Drop) -> String {
        bench.scratch.path("spool/.billhook/aside/\(drop.name)")
    }

    // MARK: What comes back

    @Test("a done request that comes back is replayed, as in every spool", arguments: [State.done, .dead, .hold])
    func comesBack(state: State) throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/a.json")
        guard case .ready(let work) = try take(bench, "a.json") else { return }
        try bench.record([Bench.attempt(1, delivered: state == .done)], for: "o-1")
        switch state {
        case .done: _ = try bench.finish("o-1")
        case .dead: _ = try bench.bury("o-1")
        default: try bench.move("processing/o-1.json", "hold/o-1.json")
        }
        try bench.move("\(state.rawValue)/o-1.json", "incoming/o-1.json")
        let outcome = try claim(bench, "o-1.json")
        #expect(outcome.story == "claimed, " + (state == .done ? "replay" : state == .dead ? "retry" : "resume"))
        #expect(try bench.record("processing/o-1.json.invoice").id == work.event.invoiceID)
        #expect(try origin(bench, "processing/o-1.json.invoice")?.fileName == "a.json")
    }

    @Test(
        "a processed request that was edited returns to dead/ under its name and bills nothing",
        arguments: [Self.request("o-1", 5), Self.request("o-2")])
    func edited(text: String) throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1"), "incoming/a.json")
        try take(bench, "a.json")
        _ = try bench.bury("o-1")
        try bench.remove("dead/o-1.json")
        try bench.put(text, "incoming/o-1.json")
        #expect(try claim(bench, "o-1.json").story == "conflict o-1.json")
        #expect(bench.files == ["dead/o-1.json", "dead/o-1.json.error", "dead/o-1.json.invoice"])
        #expect(try bench.errorCode("dead/o-1.json.error") == "conflict")
        #expect(asideNames(bench).isEmpty)
    }

    @Test("a rejected request that was mended is billed under its key, by its first name", arguments: ["o-1", "o-2"])
    func mended(order: String) throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put(Self.request("o-1", -1), "incoming/" + Self.name)
        guard case .rejected(let report) = try take(bench, Self.name) else {
            Issue.record("not rejected")
            return
        }
        #expect(report.fileName == DropName.escaped(Array(Self.name.utf8)))
        var commit = Commit(bench.durability)
        try bench.settler.explain(try Bench.key("o-1"), report, commit: &commit)
        _ = try bench.settler.bury(try Bench.key("o-1"), now: bench.now, commit: &commit)
        try bench.remove("dead/o-1.json")
        try bench.put(Self.request(order), "incoming/o-1.json")
        try take(bench, "o-1.json")
        let expected = order == "o-1" ? Self.name : "o-1.json"
        #expect(try origin(bench, "processing/\(order).json.invoice")?.fileName == expected)
        #expect(!bench.files.contains("dead/o-1.json.error"))
        #expect(asideNames(bench).isEmpty)
    }

    @Test("one without a key that was mended leaves no .error behind")
    func mendedKeyless() throws {
        let bench = try Bench(keySource: Self.field)
        try bench.put("{]", "incoming/x.json")
        #expect(try claim(bench, "x.json").story == "keyless x.json: malformed_json")
        try bench.remove("dead/x.json")
        try bench.put(Self.request("o-9"), "incoming/x.json")
        try take(bench, "x.json")
        #expect(bench.files == ["processing/o-9.json", "processing/o-9.json.invoice"])
    }

    @Test("in a spool that takes keys from names nothing of this happens")
    func nameSpool() throws {
        let bench = try Bench()
        #expect(Drop(incoming: "a b.json", bench.spool.keySource) == nil)
        try bench.put(Bench.paid, "incoming/k.json")
        try bench.take("k.json")
        #expect(asideNames(bench).isEmpty)
        #expect(try origin(bench, "processing/k.json.invoice") == nil)
        #expect(try !bench.text("processing/k.json.invoice").contains("key_from"))
    }
}
