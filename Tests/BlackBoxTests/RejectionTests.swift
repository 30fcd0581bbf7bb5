import Foundation
import TestSupport
import Testing

@Suite("What is no request", .serialized)
struct RejectionTests {
    @Test(
        "goes to dead/ with a code, a sentence and what to do",
        arguments: [
            (#"{"customer_id":"c","amount_cents":1"# + "]", "malformed_json"),
            (#"{"customer_id":"c","customer_id":"c","amount_cents":1}"#, "malformed_json"),
            (String(repeating: "[", count: 129) + String(repeating: "]", count: 129), "malformed_json"),
            ("[]", "not_an_object"),
            ("7", "not_an_object"),
            (#"{"amount_cents":1}"#, "missing_field"),
            (#"{"customer_id":"c"}"#, "missing_field"),
            (#"{"customer_id":"","amount_cents":1}"#, "invalid_field"),
            (#"{"customer_id":"c","amount_cents":0}"#, "invalid_field"),
            (#"{"customer_id":"c","amount_cents":1.5}"#, "invalid_field"),
            (#"{"customer_id":"c","amount_cents":1,"currency":"EURO"}"#, "invalid_field"),
            (#"{"customer_id":"c","amount_cents":1,"metadata":[]}"#, "invalid_field"),
            (
                #"{"customer_id":"c","amount_cents":3,"lines":[{"description":"d","quantity":1,"unit_amount_cents":2}]}"#,
                "amount_disagrees"
            ),
            (
                #"{"customer_id":"c","lines":[{"description":"d","quantity":9000000000000000000,"unit_amount_cents":2}]}"#,
                "overflow"
            ),
            (
                #"{"customer_id":"c","amount_cents":1,"x":"# + "\"" + String(repeating: "x", count: 4000) + "\"}",
                "too_large"
            ),
        ])
    func rejected(request: String, code: String) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--max-request-bytes", "2000"]) {
            try $0.subscribe("s", receiver.url, with: ["events": ["invoice.processed"]])
        }
        try stage.spool.submit("k", request)
        try stage.spool.wait(for: "dead/k.json")
        let error = try stage.spool.object("dead/k.json.error")
        #expect(try error.text("code") == code)
        #expect(try error.text("message").hasSuffix("."))
        #expect(try error.text("hint").hasSuffix("."))
        #expect(try !error.text("stage").isEmpty)
        #expect(try error.moment("at").timeIntervalSinceNow < 1)
        #expect(try stage.spool.text("dead/k.json") == request)
        #expect(stage.spool.names("dead") == ["k.json", "k.json.error"])
        #expect(receiver.calls.isEmpty)
    }

    @Test("because it is not UTF-8 goes to dead/, too")
    func invalidUTF8() throws {
        let stage = try Stage()
        try stage.spool.shell(#"printf '{"customer_id":"\377","amount_cents":1}' > tmp/k; mv tmp/k incoming/k.json"#)
        try stage.spool.wait(for: "dead/k.json")
        #expect(try stage.spool.object("dead/k.json.error").text("code") == "malformed_json")
    }

    @Test(
        "yet, because it is cut off, waits for its rest", arguments: ["", #"{"customer_id":"c","amou"#], When.allCases)
    func completed(start: String, when: When) throws {
        let stage = try Stage()
        try stage.spool.submit("k", start)
        try stage.daemon.waitForLog("k: incomplete")
        try stage.act(when) { try stage.spool.submit("k") }
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.spool.names("dead").isEmpty)
    }

    // No event tells of what another host writes: the drop was looked at again only when its whole time was over.
    @Test(
        "yet, on a file system that is polled, is taken soon after its rest has been written elsewhere",
        .enabled(if: BindMount.objection == nil, "needs bindfs"))
    func completedElsewhere() throws {
        try BindMount.withStage(["--rescan-interval", "100ms", "--quiet-period", "100ms"]) { stage in
            let request = TestSpool.request
            try stage.spool.shell("printf '%s' '\(request.prefix(20))' > ../real/incoming/k.json")
            try stage.daemon.waitForLog("k: incomplete")
            try stage.spool.shell("printf '%s' '\(request.dropFirst(20))' >> ../real/incoming/k.json")
            try stage.spool.wait(for: "done/k.json")
            #expect(stage.daemon.log.components(separatedBy: "k: incomplete").count == 2)
        } prepare: { _ in
        }
    }

    @Test("because it stays cut off goes to dead/ after its time", arguments: ["", #"{"customer_id":"c""#])
    func incomplete(request: String) throws {
        let stage = try Stage(["--incomplete-after", "300ms"])
        try stage.spool.submit("k", request)
        try stage.daemon.waitForLog("k: incomplete")
        try stage.spool.wait(for: "dead/k.json")
        #expect(try stage.spool.object("dead/k.json.error").text("code") == "incomplete")
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
    }

    @Test("by its name is set apart in dead/ and never opened", arguments: [When.running, .stopped])
    func refusedNames(when: When) throws {
        let stage = try Stage()
        let names = [
            "-rf", "no-ending", "a b.json", "new\nline.json", "-rf.json", "_x.json", "é.json", "k.conflict-.json",
            "x.JSON",
            String(repeating: "n", count: 201) + ".json", String(repeating: "n", count: 255),
            String(repeating: "n", count: 250) + ".json",
        ]
        try stage.act(when) {
            for name in names {
                try stage.spool.write(TestSpool.request, to: "tmp/x")
                try stage.spool.move("tmp/x", to: "incoming/\(name)")
            }
        }
        try eventually("all are set apart", orElse: stage.spool.listing()) {
            stage.spool.names("dead").count == 2 * names.count
        }
        let apart = stage.spool.names("dead").filter { !$0.hasSuffix(".error") }
        #expect(apart.allSatisfy { $0.wholeMatch(of: /refused-[0-9a-f]{8}/) != nil })
        let errors = try apart.map { try stage.spool.object("dead/\($0).error") }
        #expect(try errors.allSatisfy { try $0.text("code") == "refused" && !$0.text("hint").isEmpty })
        let escaped = try Set(errors.map { try $0.text("file_name") })
        #expect(escaped.isSuperset(of: ["-rf", "new\\x0aline.json", "\\xc3\\xa9.json"]))
        #expect(stage.spool.names("incoming").isEmpty)
        // They are told of once they have been flushed, which may be a moment later.
        try stage.daemon.waitForLog(": refused", count: names.count)
        #expect(stage.daemon.log.components(separatedBy: ": refused").count - 1 == names.count, "each is reported once")
    }

    @Test("because it is not a regular file is set apart and never opened", arguments: [When.running, .stopped])
    func refusedKinds(when: When) throws {
        let stage = try Stage()
        try stage.act(when) {
            let line = """
                ln -s /etc/passwd incoming/link.json; ln -s nowhere incoming/dangling.json; mkfifo incoming/pipe.json;
                mkdir incoming/folder.json; mkdir -p incoming/full.json/x; mkfifo incoming/other
                """
            try stage.spool.shell(line)
        }
        try eventually("all are set apart", orElse: stage.spool.listing()) { stage.spool.names("dead").count == 12 }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.spool.names("incoming").isEmpty)
        #expect(stage.daemon.log.components(separatedBy: ": refused").count - 1 == 6)
    }

    @Test("because its writer has not finished, or it is a sidecar, is left alone")
    func leftAlone() throws {
        let names = [
            "#f#", ".#e.json", ".hidden.json", "a.json.tmp", "b.part", "c.json.filepart", "d.json~", "e.json.error",
            "f.json.invoice",
            "g.json.attempts",
        ]
        let stage = try Stage { spool in for name in names.prefix(5) { try spool.write("x", to: "incoming/\(name)") } }
        for name in names.dropFirst(5) { try stage.spool.write("x", to: "incoming/\(name)") }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.spool.names("incoming").sorted() == names.sorted())
        #expect(stage.spool.names("dead").isEmpty)
        try stage.spool.write(TestSpool.request, to: "incoming/.hidden.json")
        try stage.spool.move("incoming/.hidden.json", to: "incoming/shown.json")
        try stage.spool.wait(for: "done/shown.json")
    }
}
