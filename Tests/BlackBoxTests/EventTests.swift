import Foundation
import TestSupport
import Testing

/// A request that no validation lets through.
private let invalid = #"{"customer_id":"c-1","amount_cents":-1}"#

extension TestSpool {
    /// The names of the events' entries in a state, without `.json`.
    func entries(_ state: String) -> [String] {
        requests(state).filter { $0.hasPrefix("+evt_") }.map { String($0.dropLast(5)) }
    }

    /// Waits until so many entries stand in a state.
    @discardableResult
    func waitForEntries(_ state: String, count: Int = 1) throws -> [String] {
        try eventually("\(count) entries stand in \(state)/", orElse: listing()) { entries(state).count == count }
        return entries(state)
    }
}

@Suite("A request that was refused", .serialized)
struct EventTests {
    @Test("is told of: signed, retried over restarts, the same bytes and ids each time", arguments: When.allCases)
    func failed(when: When) throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1h"], with: ["secret": secret]) }
        try stage.spool.submit("k", invalid)
        try stage.spool.wait(for: "dead/k.json")
        let entry = try #require(try stage.spool.waitForEntries("processing").first)
        try stage.spool.waitForAttempts(entry, count: 1)
        try stage.act(when) { try stage.spool.makeDue(entry) }
        try stage.spool.wait(for: "done/\(entry).json")
        let calls = receiver.calls
        #expect(calls.map(\.attempt) == [1, 2] && Set(calls.map(\.body)).count == 1)
        #expect(Set(calls.map(\.deliveryID)).count == 1 && calls.allSatisfy { $0.header("webhook-signature") != nil })
        #expect(calls.allSatisfy { $0.eventType == "invoice.failed" })
        #expect(try stage.spool.bytes("done/\(entry).json") == calls[0].body)
        let event = try calls[0].members()
        #expect(try event.text("type") == "invoice.failed")
        let data = try event.object("data")
        #expect(try data.text("key") == "k" && data.text("status") == "failed" && data.text("id").hasPrefix("inv_"))
        let error = try stage.spool.object("dead/k.json.error")
        for member in ["code", "message", "hint"] {
            #expect(try data.object("error").text(member) == error.text(member))
        }
        #expect(try data.text("request_sha256").utf8.count == 64)
        #expect(!calls[0].text.contains("c-1"), "never the payload")
    }

    @Test("by a kill between the entry's place in processing/ and its own in dead/ is told of once")
    func killed() throws {
        let mood = Mood(.stall)
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k", invalid)
        try stage.spool.wait(for: "dead/k.json")
        let entry = try #require(stage.spool.entries("processing").first)
        try receiver.waitForCalls(count: 1)
        try stage.act(.killed) {
            // As if it had been killed a moment earlier.
            try stage.spool.move("dead/k.json", to: "processing/k.json")
            mood.answer = .status(200)
        }
        try stage.spool.wait(for: "done/\(entry).json")
        try stage.spool.wait(for: "dead/k.json")
        #expect(stage.spool.entries("processing").isEmpty && stage.spool.entries("done") == [entry])
        #expect(Set(receiver.calls.map(\.body)).count == 1)
        #expect(stage.spool.names(".billhook/aside").isEmpty)
    }

    @Test("again is told of once if it is the same, and again if it was edited")
    func again() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k", invalid)
        try stage.spool.waitForEntries("done")
        try stage.spool.shell("mv -n dead/k.json incoming/")
        try stage.daemon.waitForLog("k: dead", count: 2)
        #expect(stage.spool.entries("done").count == 1)
        try stage.spool.shell("echo '{}' > dead/k.json; mv -n dead/k.json incoming/")
        try stage.spool.waitForEntries("done", count: 2)
        #expect(receiver.calls.count == 2 && Set(receiver.calls.map(\.deliveryID)).count == 2)
    }

    @Test("raises nothing if nobody hears it, nor does what is no request, a duplicate or a conflict")
    func quiet() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["events": ["invoice.processed"]]) }
        try stage.spool.submit("k", invalid)
        try stage.spool.wait(for: "dead/k.json")
        #expect(stage.spool.entries("processing").isEmpty)
        try stage.spool.subscribe("all", receiver.url)
        try stage.daemon.waitForLog("all: added")
        for request in [TestSpool.request, TestSpool.request, #"{"customer_id":"x","amount_cents":1}"#] {
            try stage.spool.submit("l", request)
            try stage.spool.waitUntilGone("incoming/l.json")
        }
        try stage.spool.write("x", to: "incoming/no name")
        try stage.daemon.waitForLog("refused, it")
        try stage.daemon.waitForLog("l: conflict")
        #expect(try Daemon.run(stage.spool, ["--drain"]).status == 75)
        try stage.daemon.terminate()
        #expect(["processing", "done", "dead"].flatMap { stage.spool.entries($0) } == [])
    }

    @Test("can be held, released, retried and replayed by its entry like any request")
    func moved() throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage {
            try $0.subscribe("s", receiver.url)
            try $0.write("", to: "subscriptions/s.paused")
        }
        try stage.spool.submit("k", invalid)
        let entry = try #require(try stage.spool.waitForEntries("processing").first)
        try stage.spool.shell("mv processing/\(entry).json hold/")
        try stage.spool.remove("subscriptions/s.paused")
        try stage.daemon.waitForLog("s: resumed")
        #expect(receiver.calls.isEmpty)
        try stage.spool.shell("mv -n hold/\(entry).json incoming/")
        try stage.spool.wait(for: "dead/\(entry).json")
        mood.answer = .status(200)
        try stage.spool.shell("mv -n dead/\(entry).json incoming/")
        try stage.spool.wait(for: "done/\(entry).json")
        try stage.spool.shell("mv -n done/\(entry).json incoming/")
        try receiver.waitForCalls(count: 3)
        try stage.spool.wait(for: "done/\(entry).json")
        #expect(receiver.calls.map(\.attempt) == [1, 2, 3])
        #expect(stage.spool.names("dead") == ["k.json", "k.json.error"])
        #expect(try stage.spool.attempts(entry, in: "done").filter { $0.mark == "round" }.count == 3)
    }

    @Test("is told of by no entry that a producer made up")
    func forged() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        let name = "+evt_" + String(repeating: "0", count: 32)
        let body = #"{"type":"invoice.failed","timestamp":"2026-11-21T00:00:00.000Z","data":{}}"#
        try stage.spool.write(body, to: "incoming/\(name).json")
        try stage.daemon.waitForLog("refused, only Billhook")
        #expect(stage.spool.names("dead").count == 2 && stage.spool.names("dead")[0].hasPrefix("refused-"))
        #expect(receiver.calls.isEmpty)
    }

    @Test("by a processor is told of, with what it said")
    func refusedByProcessor() throws {
        let receiver = try Receiver()
        let stage = try Stage(processor: "echo no credit >&2; exit 65") { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        try stage.spool.waitForEntries("done")
        #expect(receiver.calls.map(\.eventType) == ["invoice.failed"])
        let data = try receiver.calls[0].members().object("data")
        let error = try stage.spool.object("dead/k.json.error")
        #expect(try data.object("error").text("code") == error.text("code") && data.text("key") == "k")
        try stage.act(.killed) { try stage.spool.move("dead/k.json", to: "processing/k.json") }
        try stage.daemon.waitForLog("k: dead", count: 2)
        #expect(stage.spool.entries("done").count == 1 && stage.spool.entries("processing").isEmpty)
    }

    @Test("where keys are derived has an entry that is moved by its name all the same")
    func derived() throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let spool = try TestSpool(path: "derived")
        #expect(try Tool.billhook(spool, ["init", "--key-from", "field:order"]).status == 0)
        let stage = try Stage(spool, []) { try $0.subscribe("s", receiver.url) }
        try stage.spool.write(#"{"customer_id":"c","order":"o-1"}"#, to: "incoming/any name.json")
        try stage.spool.wait(for: "dead/o-1.json")
        let entry = try #require(try stage.spool.waitForEntries("dead").first)
        mood.answer = .status(200)
        try stage.spool.shell("mv -n dead/\(entry).json incoming/")
        try stage.spool.wait(for: "done/\(entry).json")
        #expect(receiver.calls.map(\.attempt) == [1, 2])
        #expect(stage.spool.names("dead") == ["o-1.json", "o-1.json.error"])
    }

    @Test("has an entry that show explains, retry finds by its subscription, and check knows")
    func commands() throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k", invalid)
        let entry = try #require(try stage.spool.waitForEntries("dead").first)
        let shown = try Tool.billhook(stage.spool, ["show", entry])
        #expect(shown.status == 0 && shown.output.contains("event      invoice.failed, raised at "))
        let check = try Tool.billhook(stage.spool, ["check"])
        #expect(check.status == 0 && !check.output.contains(entry), "\(check.output)")
        let status = try Tool.billhook(stage.spool, ["status"])
        #expect(status.output.contains("and 1 event\n"))
        mood.answer = .status(200)
        let match = #"{"data":{"error":{"code":"invalid_field"}}}"#
        let retried = try Tool.billhook(stage.spool, ["retry", "--subscription", "s", "--match", match])
        #expect(retried.output == "\(entry)\n")
        try stage.spool.wait(for: "done/\(entry).json")
        #expect(try stage.spool.attempts(entry, in: "done").last?.all["manual"] as? Bool == true)
    }

    @Test("has its entry archived once the window has passed")
    func archived() throws {
        let receiver = try Receiver()
        let stage = try Stage(["--idempotency-window", "300ms"]) { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k", invalid)
        try receiver.waitForCalls(count: 1)
        try eventually("the entry is archived", orElse: stage.spool.listing()) {
            stage.spool.names("archive").contains { !stage.spool.entries("archive/\($0)").isEmpty }
        }
        let day = try #require(stage.spool.names("archive").first)
        let entry = try #require(stage.spool.entries("archive/\(day)").first)
        #expect(stage.spool.names("archive/\(day)") == ["\(entry).json", "\(entry).json.attempts"])
        #expect(stage.spool.names("done").isEmpty)
    }

    @Test("and not heard of by then counts as waiting in a batch job")
    func drainedUnheard() throws {
        let receiver = try Receiver { _ in .status(422) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: ["1h"])
        try spool.submit("k", invalid)
        let (status, output) = try Daemon.run(spool, ["--drain"])
        #expect(status == 65 && output.hasPrefix("done 0, dead 1, waiting 1,"), "\(output)")
    }

    @Test("in a batch job is told of before that ends")
    func drained() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        try spool.submit("k", invalid)
        try spool.submit("l")
        let (status, output) = try Daemon.run(spool, ["--drain"])
        #expect(status == 65 && output.hasPrefix("done 1, dead 1, waiting 0,"))
        #expect(Set(receiver.calls.map(\.eventType)) == ["invoice.failed", "invoice.processed"])
        #expect(spool.entries("done").count == 1)
    }
}
