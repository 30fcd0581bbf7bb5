import Files
import Process
import Spool
import Testing
import Times

@testable import Operate

@Suite("Waiting for a request")
struct WaiterTests {
    /// Performs the steps one at a time, as the waiting asks for changes.
    private func wait(
        _ fixture: SpoolFixture, _ goal: Waiter.Goal, _ names: [String] = ["inv-1"],
        steps: [() throws -> SpoolChanges.News]
    ) throws -> (endings: [String: Waiter.Ending], late: [String]) {
        var endings: [String: Waiter.Ending] = [:]
        var rest = steps[...]
        let late = try Waiter(fixture.spool, until: goal).wait(
            for: try names.map { try fixture.submission($0) }, timeout: steps.isEmpty ? .zero : .seconds(600)
        ) { _ in
            do {
                guard let step = rest.popFirst() else {
                    Issue.record("nothing more happens, and it still waits")
                    return .everything
                }
                return try step()
            } catch {
                Issue.record(error)
                return .everything
            }
        } report: { key, ending in
            endings[key.name] = ending
        }
        return (endings, late.map(\.name))
    }

    @Test("it ends when the request comes to done/, and not before")
    func done() throws {
        let fixture = try SpoolFixture()
        try fixture.put("inv-1", .incoming)
        let key = try fixture.key("inv-1")
        let result = try wait(
            fixture, .done,
            steps: [
                {
                    try fixture.spool.incoming.remove("inv-1.json")
                    try fixture.putProcessed("inv-1", .processing)
                    return .keys([key])
                },
                {
                    for name in ["inv-1.json.invoice", "inv-1.json"] {
                        _ = try fixture.spool.processing.move(name, to: fixture.spool.done, as: name)
                    }
                    return .keys([key])
                },
            ])
        #expect(result.endings == ["inv-1": .processed(invoice: try fixture.invoice("inv-1").encoded(), in: .done)])
        #expect(result.late == [])
    }

    @Test("with --wait=processed the .invoice is enough, once it is whole")
    func processed() throws {
        let fixture = try SpoolFixture()
        try fixture.put("inv-1", .processing)
        let whole = try fixture.invoice("inv-1").encoded()
        let result = try wait(
            fixture, .processed,
            steps: [
                {
                    let torn = String(decoding: whole.prefix(100), as: UTF8.self)
                    try fixture.put(.invoice, of: "inv-1", .processing, torn)
                    return .everything
                },
                {
                    try fixture.put(.invoice, of: "inv-1", .processing, String(decoding: whole, as: UTF8.self))
                    return .everything
                },
            ])
        #expect(result.endings == ["inv-1": .processed(invoice: whole, in: .processing)])
    }

    @Test("one that is rejected tells its .error")
    func rejected() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("inv-1", at: Timestamp(seconds: 5, nanoseconds: 0), processed: false)
        for goal in Waiter.Goal.allCases {
            let ending = try wait(fixture, goal, steps: [{ .everything }]).endings["inv-1"]
            guard case .failed(let report?, invoice: nil) = ending else {
                Issue.record("\(String(describing: ending))")
                continue
            }
            #expect(report.code == "delivery_failed")
        }
    }

    @Test("a request that was rejected earlier is not taken for the drop that supersedes it")
    func superseded() throws {
        let fixture = try SpoolFixture()
        try fixture.putDead("inv-1", at: .distantPast, processed: false)
        try fixture.put("inv-1", .incoming)
        let result = try wait(fixture, .done, steps: [])
        #expect(result.endings == [:])
        #expect(result.late == ["inv-1"])
    }

    @Test("when another request was faster, the one waited for is a conflict")
    func conflict() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("inv-1", .done, SpoolFixture.request(7))
        #expect(try wait(fixture, .done, steps: [{ .everything }]).endings == ["inv-1": .conflict])
    }

    @Test("several are waited for, each is reported once, and the late ones are named")
    func several() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .done)
        try fixture.put("b", .processing)
        let result = try wait(fixture, .done, ["b", "a"], steps: [])
        #expect(Array(result.endings.keys) == ["a"])
        #expect(result.late == ["b"])
    }

    @Test("a request that is late says where it stands, and that nobody serves the spool")
    func lateness() throws {
        let fixture = try SpoolFixture()
        try fixture.put("inv-1", .incoming)
        let key = try fixture.key("inv-1")
        let unserved = try Lateness(fixture.spool).sentence(key, .done, .seconds(30))
        #expect(unserved.hasPrefix("inv-1 was not done within 30s: it stands in incoming/. Nobody serves this spool;"))
        let lock = try SpoolLock(fixture.spool, holder: "a test")
        let served = try Lateness(fixture.spool).sentence(key, .done, .seconds(30))
        #expect(served == "inv-1 was not done within 30s: it stands in incoming/. The daemon has not got to it yet.")
        _ = consume lock
    }

    @Test("a request that was cancelled meanwhile is called so, with what frees its key")
    func cancelled() throws {
        let fixture = try SpoolFixture()
        try fixture.put(.attempts, of: "r1", .processing, "")
        #expect(
            try Lateness(fixture.spool).sentence(fixture.key("r1"), .done, .seconds(2))
                == "r1 was not done within 2s: it was cancelled, since its request was removed from processing/. Free its key"
                + " with: rm processing/r1.json*")
    }

    @Test("events name the key that their file belongs to")
    func eventNames() throws {
        for name in ["k.json", "k.json.invoice", "k.json.error", "k.conflict-0123abcd.json"] {
            #expect(SpoolChanges.key(of: Array(name.utf8))?.name == "k")
        }
        #expect(SpoolChanges.key(of: Array("k.json.x.json.attempts".utf8))?.name == "k.json.x")
        #expect(SpoolChanges.key(of: Array("notes.txt".utf8)) == nil)
    }
}
