import Foundation
import TestSupport
import Testing

@Suite("However a producer brings a request", .serialized)
struct SubmitTests {
    @Test(
        "it becomes one invoice",
        arguments: [
            "printf '%s' \"$R\" > tmp/k && mv tmp/k incoming/k.json",
            "printf '%s' \"$R\" > tmp/k && ln tmp/k incoming/k.json",
            "printf '%s' \"$R\" > tmp/k && ln tmp/k incoming/k.json && rm tmp/k",
            "printf '%s' \"$R\" > tmp/k && cp tmp/k incoming/k.json",
            "printf '%s' \"$R\" > incoming/k.json",
            "printf '%s' \"$R\" > incoming/.k.json.X && mv incoming/.k.json.X incoming/k.json",
            "printf '%s' \"$R\" > incoming/k.json.part && mv incoming/k.json.part incoming/k.json",
            "printf '%s' \"$R\" > ../k && touch -d 2001-01-01 ../k && cp -p ../k incoming/k.json",
        ], [When.running, .stopped])
    func oneInvoice(command: String, when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.act(when) {
            try stage.spool.shell("R='\(TestSpool.request)'; \(command)")
        }
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.key) == ["k"])
        #expect(try stage.spool.text("done/k.json") == TestSpool.request)
        #expect(stage.spool.names("incoming").isEmpty)
        #expect(try receiver.calls.first?.invoiceID == stage.spool.invoiceID("k", in: "done"))
    }

    @Test("it is taken whole when its writer pauses in the middle", arguments: [When.running, .killed])
    func slowWriter(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        let half = TestSpool.request.count / 2
        let file = try Writer(stage.spool.path("incoming/slow.json"))
        try file.write(String(TestSpool.request.prefix(half)))
        // Whoever came later is through: the unfinished one has been seen, and left.
        try stage.act(when) { try stage.spool.submit("later") }
        try stage.spool.wait(for: "done/later.json")
        #expect(stage.spool.contains("incoming/slow.json"))
        try file.write(String(TestSpool.request.dropFirst(half)))
        file.close()
        try stage.spool.wait(for: "done/slow.json")
        #expect(try stage.spool.text("done/slow.json") == TestSpool.request)
        #expect(receiver.calls.map(\.key) == ["later", "slow"])
    }

    @Test("it waits, though renamed in, until its writer has closed it")
    func renamedWhileOpen() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        let file = try Writer(stage.spool.path("tmp/early"))
        try file.write(#"{"customer_id":"c-1","amount_cents":1}"#)
        try stage.spool.move("tmp/early", to: "incoming/early.json")
        try stage.spool.submit("later")
        try stage.spool.wait(for: "done/later.json")
        #expect(stage.spool.contains("incoming/early.json"), "what is still open may still change")
        try file.write(" ")
        file.close()
        try stage.spool.wait(for: "done/early.json")
        #expect(try stage.spool.text("done/early.json") == #"{"customer_id":"c-1","amount_cents":1} "#)
    }

    @Test("it is taken when its writer closes it, though the kernel tells nobody: an anonymous file that is linked in")
    func anonymousFile() throws {
        let receiver = try Receiver()
        let stage = try Stage(["--rescan-interval", "200ms"]) { try $0.subscribe("s", receiver.url) }
        let descriptor = open(stage.spool.path("tmp"), O_RDWR | 0o20_200_000, 0o644)
        try #require(descriptor >= 0)
        let bytes = Array(TestSpool.request.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        // AT_SYMLINK_FOLLOW, as the manual of O_TMPFILE shows it.
        #expect(
            linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, stage.spool.path("incoming/k.json"), 0x400) == 0)
        try stage.spool.submit("later")
        try stage.spool.wait(for: "done/later.json")
        close(descriptor)
        try stage.spool.wait(for: "done/k.json", timeout: .seconds(8))
    }

    @Test("it is taken when its writer closes it under another name than it was linked in by")
    func linkedWhileOpen() throws {
        let receiver = try Receiver()
        let stage = try Stage(["--rescan-interval", "200ms"]) { try $0.subscribe("s", receiver.url) }
        let file = try Writer(stage.spool.path("tmp/k"))
        try file.write(TestSpool.request)
        #expect(link(stage.spool.path("tmp/k"), stage.spool.path("incoming/k.json")) == 0)
        try stage.spool.submit("later")
        try stage.spool.wait(for: "done/later.json")
        file.close()
        try stage.spool.wait(for: "done/k.json", timeout: .seconds(8))
    }

    @Test("a hundred at once become a hundred invoices, each told of once")
    func many() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        for number in 0..<100 { try stage.spool.submit("k\(number)") }
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 100 }
        #expect(receiver.calls.count == 100)
        #expect(Set(receiver.calls.compactMap(\.invoiceID)).count == 100)
    }

    @Test("it is no leftover in tmp/ because it came with its old times")
    func oldTimes() throws {
        let stage = try Stage { spool in
            try spool.write(TestSpool.request, to: "tmp/k")
            try spool.shell("touch -d 2001-01-01 tmp/k")
        }
        try stage.act(.stopped) {}
        // The stop waits for whatever the start had set out to do.
        try stage.spool.move("tmp/k", to: "incoming/k.json")
        try stage.spool.wait(for: "done/k.json")
    }
}
