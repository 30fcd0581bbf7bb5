import Foundation
import TestSupport
import Testing

@Suite("A hostile sidecar", .serialized)
struct HostileSidecarTests {
    @Test(
        "of forged sidecars neither bills, nor silences a webhook, nor goes to dead/",
        .enabled(if: getuid() == 0, "needs chown"), arguments: [When.running, .stopped])
    func forged(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("real")
        try stage.spool.wait(for: "done/real.json")
        let suffixes = ["invoice", "attempts", "error"]
        let forgeries = try suffixes.map { suffix in
            suffix == "error"
                ? "{}" : try stage.spool.text("done/real.json.\(suffix)").replacing("\"real\"", with: "\"f\"")
        }
        try stage.act(when) {
            for (suffix, forgery) in zip(suffixes, forgeries) {
                try stage.spool.write(forgery, to: "tmp/forged")
                try check(chown(stage.spool.path("tmp/forged"), 12345, 12345), "chown")
                try stage.spool.move("tmp/forged", to: "incoming/f.json.\(suffix)")
            }
            try stage.spool.submit("f")
        }
        try stage.spool.wait(for: "done/f.json")
        #expect(try stage.spool.invoiceID("f", in: "done") != stage.spool.invoiceID("real", in: "done"))
        #expect(receiver.calls.filter { $0.key == "f" }.count == 1)
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 2)
        for (suffix, forgery) in zip(suffixes, forgeries) {
            #expect(try stage.spool.text("incoming/f.json.\(suffix)") == forgery)
        }
        try stage.expectHealth()
        HostileDrop.count(3)
    }

    @Test(
        "under the name of a conflict in dead/ does not take that conflict's .error away",
        arguments: [When.running, .stopped])
    func borrowedConflictName(when: When) throws {
        let stage = try Stage()
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.submit("k", #"{"customer_id":"c-1","amount_cents":5}"#)
        try stage.daemon.waitForLog("k: conflict")
        let apart = try #require(stage.spool.requests("dead").first)
        try stage.act(when) {
            try stage.spool.write(TestSpool.request, to: "tmp/x")
            try stage.spool.move("tmp/x", to: "incoming/\(apart)")
        }
        try stage.daemon.waitForLog("k: duplicate")
        #expect(stage.spool.contains("dead/\(apart)"))
        #expect(stage.spool.contains("dead/\(apart).error"), "\(stage.spool.listing())")
        try stage.expectHealth()
        HostileDrop.count()
    }
}
