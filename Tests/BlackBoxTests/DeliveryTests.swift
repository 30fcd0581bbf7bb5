import Foundation
import TestSupport
import Testing

@Suite("A webhook", .serialized)
struct DeliveryTests {
    @Test("that is refused is sent again with the same id and body")
    func retried() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["10ms"]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        let calls = receiver.calls
        #expect(calls.map(\.attempt) == [1, 2])
        #expect(calls[0].deliveryID == calls[1].deliveryID)
        #expect(calls[0].body == calls[1].body)
        let lines = try stage.spool.attempts("k", in: "done")
        #expect(lines.map(\.outcome) == ["failed", "delivered"])
        #expect(try lines.map { try $0.number("http_status") } == [500, 200])
        #expect(try lines[0].text("delivery_id") == calls[0].deliveryID)
        #expect(try lines[0].text("event") == "invoice.processed")
        #expect(lines[1].all["next_attempt_at"] == nil)
    }

    @Test("carries the invoice, whole, in an envelope")
    func body() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["headers": ["X-Shop": "a b"]]) }
        try stage.spool.submit(
            "k", #"{"customer_id":"é","amount_cents":3,"metadata":{"n":1.50,"deep":[-0.0e-7,"\u0000"]}}"#)
        try stage.spool.wait(for: "done/k.json")
        let call = try #require(receiver.calls.first)
        var invoice = try stage.spool.text("done/k.json.invoice")
        #expect(invoice.removeLast() == "\n")
        let processedAt = try stage.spool.object("done/k.json.invoice").text("processed_at")
        #expect(call.text == #"{"type":"invoice.processed","timestamp":"\#(processedAt)","data":\#(invoice)}"#)
        #expect(invoice.contains(#"{"n":1.50,"deep":[-0.0e-7,"\u0000"]}"#))
        #expect(call.header("Content-Type") == "application/json")
        #expect(call.header("User-Agent")?.hasPrefix("Billhook/") == true)
        #expect(call.eventType == "invoice.processed")
        #expect(call.header("X-Shop") == "a b")
        #expect(call.method == "POST")
    }

    @Test("waits for as long as a receiver asks")
    func retryAfter() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(429, headers: [("Retry-After", "1")]) : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1ms"]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        let lines = try stage.spool.attempts("k", in: "done")
        #expect(try lines[0].moment("next_attempt_at").timeIntervalSince(lines[0].moment("started_at")) >= 1)
        #expect(try lines[1].moment("started_at") >= lines[0].moment("next_attempt_at"))
    }

    @Test("is given up after its schedule, and the request ends in dead/ with the reason")
    func givenUp() throws {
        let mood = Mood(.status(500, body: Array("no room".utf8)))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1ms", "1ms"]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        #expect(receiver.calls.map(\.attempt) == [1, 2, 3])
        let error = try stage.spool.object("dead/k.json.error")
        #expect(try error.text("code") == "delivery_failed")
        #expect(try error.text("stage") == "deliver")
        #expect(try error.text("message").contains("to s after 3 attempts (HTTP 500)"))
        #expect(try error.text("hint").isEmpty == false)
        #expect(
            try stage.spool.attempts("k", in: "dead").map { $0.all["response"] as? String } == [
                "no room", "no room", "no room",
            ])
        mood.answer = .status(200)
        try stage.spool.move("dead/k.json", to: "incoming/k.json")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.map(\.attempt) == [1, 2, 3, 4])
    }

    @Test("is given up at once when the receiver is gone for good, and follows no redirect", arguments: [410, 301])
    func permanent(status: Int) throws {
        let elsewhere = try Receiver()
        let receiver = try Receiver { _ in .status(status, headers: [("Location", elsewhere.url)]) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1ms"]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        #expect(receiver.calls.count == (status == 410 ? 1 : 2))
        #expect(elsewhere.calls.isEmpty)
    }

    @Test(
        "that nobody answers is tried again, and goes where the subscription points by then", arguments: When.allCases)
    func receiverDown(when: When) throws {
        let port = try LoopbackSocket.closedPort()
        let hours = [String](repeating: "1h", count: 1000)
        let stage = try Stage { try $0.subscribe("s", "http://127.0.0.1:\(port)/", retry: hours) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        #expect(try stage.spool.attempts("k", in: "processing")[0].text("error") == "connect_refused")
        let receiver = try Receiver()
        try stage.act(when) { try stage.spool.subscribe("s", receiver.url, retry: hours) }
        try stage.spool.push("k")
        #expect(receiver.calls.count == 1)
        #expect(try #require(receiver.calls[0].attempt) >= 2)
    }

    @Test(
        "that goes wrong is recorded by name, and tried again",
        arguments: [
            (Answer.reset, "connection_reset"), (.close, "connection_reset"),
            (.raw(Array("SSH-2.0\r\n".utf8)), "bad_response"),
            (.stall, "timeout"),
        ] as [(Answer, String)])
    func broken(answer: Answer, name: String) throws {
        let receiver = try Receiver { $0.attempt == 1 ? answer : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1ms"], with: ["timeout": "300ms"]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        let lines = try stage.spool.attempts("k", in: "done")
        #expect(lines.map(\.outcome) == ["error", "delivered"])
        #expect(try lines[0].text("error") == name)
    }

    @Test("with a torn last line in its .attempts goes on, and closes the line", arguments: [When.stopped, .killed])
    func tornLine(when: When) throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        try stage.act(when) {
            try stage.spool.shell(#"printf '{"delivery_id":"dl' >> processing/k.json.attempts"#)
            try stage.spool.makeDue("k")
        }
        try stage.spool.wait(for: "done/k.json")
        let lines = try stage.spool.text("done/k.json.attempts").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1] == #"{"delivery_id":"dl"#)
        #expect(receiver.calls.map(\.attempt) == [1, 2])
    }
}
