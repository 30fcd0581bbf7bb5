import Foundation
import TestSupport
import Testing

@Suite("Sidecars that were moved from under their request", .serialized)
struct StraySidecarTests {
    @Test(
        "sidecars that a person's mv took from under a request come home, and keep its key taken",
        arguments: When.allCases)
    func strays(when: When) throws {
        let mood = Mood(.status(422))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        try stage.act(when) {
            mood.answer = .status(200)
            try stage.spool.attemptShell("mv dead/k.json.* incoming/")
            try stage.spool.submit("k", #"{"customer_id":"c-1","amount_cents":5}"#)
        }
        try stage.daemon.waitForLog("k: conflict")
        try stage.spool.submit("another")
        try stage.spool.wait(for: "done/another.json")
        #expect(Set(receiver.calls.filter { $0.key == "k" }.map(\.invoiceID)).count == 1)
        #expect(try stage.spool.text("dead/k.json") == TestSpool.request)
        try stage.spool.wait(for: "dead/k.json.invoice", timeout: .seconds(5))
        try stage.spool.wait(for: "dead/k.json.error", timeout: .seconds(5))
        #expect(stage.spool.names("incoming").isEmpty)
    }

    @Test("from dead/ again and again, with its sidecars while the daemon brings them back, keeps all of them")
    func racingMove() throws {
        let mood = Mood(.status(422))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        for number in 0..<40 { try stage.spool.submit("k\(number)") }
        let allAreDead = { stage.spool.requests("dead").count == 40 }
        try eventually("all are dead", orElse: stage.spool.listing(), allAreDead)
        for _ in 0..<10 {
            try stage.spool.attemptShell("for f in dead/*.json; do mv \"$f\" \"$f\".* incoming/; done")
            try eventually("all are dead again", orElse: stage.spool.listing(), allAreDead)
        }
        try eventually("nothing is left in incoming/", timeout: .seconds(5), orElse: stage.spool.listing()) {
            stage.spool.names("incoming").isEmpty
        }
        #expect(stage.spool.names("dead").count == 160)
        mood.answer = .status(200)
        try stage.spool.attemptShell("mv dead/*.json incoming/")
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 40 }
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 40)
        #expect(stage.spool.names("done").count == 120)
        #expect(stage.spool.names("processing").isEmpty)
    }
}
