import Foundation
import TestSupport
import Testing

@Suite("A daemon that is killed", .serialized)
struct CrashTests {
    @Test("in the middle of a delivery makes it again with the same ids, and records it once")
    func midDelivery() throws {
        let mood = Mood(.stall)
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try receiver.waitForCalls(count: 1)
        let id = try stage.spool.invoiceID("k", in: "processing")
        try stage.act(.killed) { mood.answer = .status(200) }
        try stage.spool.wait(for: "done/k.json")
        let calls = receiver.calls
        #expect(calls.map(\.attempt) == [1, 1])
        #expect(calls[0].deliveryID == calls[1].deliveryID)
        #expect(calls[0].body == calls[1].body)
        #expect(try stage.spool.invoiceID("k", in: "done") == id)
        #expect(try stage.spool.attempts("k", in: "done").map(\.outcome) == ["delivered"])
    }

    @Test("does not repeat what it had recorded as delivered")
    func recorded() throws {
        let good = try Receiver()
        let bad = try Receiver { $0.attempt == 1 ? .status(422) : .status(200) }
        let stage = try Stage {
            try $0.subscribe("bad", bad.url, retry: ["1h"])
            try $0.subscribe("good", good.url)
        }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 2)
        try stage.act(.killed) { try stage.spool.makeDue("k") }
        try stage.spool.wait(for: "done/k.json")
        #expect(good.calls.count == 1)
        #expect(bad.calls.map(\.attempt) == [1, 2])
    }

    @Test("ten times at any moment loses nothing and bills nothing twice")
    func again() throws {
        let receiver = try Receiver { _ in
            // So slow that every kill finds some of them under way.
            usleep(2000)
            return .status(200)
        }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, with: ["concurrency": 4])
        for number in 0..<150 { try spool.submit("k\(number)") }
        var random = SystemRandomNumberGenerator()
        for kill in 0..<10 {
            let daemon = try Daemon(spool)
            for number in 0..<15 { try spool.submit("k\(150 + kill * 15 + number)") }
            // A moment of no meaning: there is nothing to wait for.
            usleep(UInt32.random(in: 0...25_000, using: &random))
            try daemon.kill9()
        }
        let daemon = try Daemon(spool)
        try eventually("all are done", orElse: spool.listing()) { spool.requests("done").count == 300 }
        #expect(try daemon.terminate() == 0)
        #expect(Set(spool.requests("done")) == Set((0..<300).map { "k\($0).json" }))
        for state in ["incoming", "processing", "dead", "hold", "tmp", ".billhook/aside"] {
            #expect(spool.names(state).isEmpty)
        }
        let calls = Dictionary(grouping: receiver.calls) { $0.key ?? "" }
        #expect(calls.count == 300)
        for (key, calls) in calls {
            #expect(Set(calls.map(\.body)).count == 1, "\(key): the same bytes at every attempt")
            #expect(Set(calls.map(\.deliveryID)).count == 1)
            #expect(try calls[0].invoiceID == spool.invoiceID(key, in: "done"))
            #expect(try spool.attempts(key, in: "done").filter { $0.outcome == "delivered" }.count == 1)
        }
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 300)
    }

    @Test("while whole batches are moved back loses nothing and calls nobody again who has it")
    func whileRetried() throws {
        let mood = Mood(.status(422))
        let bad = try mood.receiver()
        let good = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("bad", bad.url, with: ["events": ["invoice.processed"]])
        try spool.subscribe("good", good.url, with: ["events": ["invoice.processed"]])
        for number in 0..<60 { try spool.submit("k\(number)") }
        var daemon = try Daemon(spool)
        try eventually("all are dead", orElse: spool.listing()) { spool.requests("dead").count == 60 }
        mood.answer = .status(200)
        var random = SystemRandomNumberGenerator()
        for round in 0..<6 {
            try spool.attemptShell("mv dead/k\(round)*.json* incoming/; mv dead/k?\(round).json incoming/")
            // A moment of no meaning: there is nothing to wait for.
            usleep(UInt32.random(in: 0...10_000, using: &random))
            try daemon.kill9()
            daemon = try Daemon(spool)
        }
        try spool.attemptShell("mv dead/*.json* incoming/")
        try eventually("all are done", orElse: spool.listing()) { spool.requests("done").count == 60 }
        for state in ["incoming", "processing", "dead"] { #expect(spool.names(state).isEmpty) }
        #expect(good.calls.count == 60, "a success that is recorded is not repeated")
        #expect(Set(bad.calls.map(\.invoiceID)).count == 60)
    }
}
