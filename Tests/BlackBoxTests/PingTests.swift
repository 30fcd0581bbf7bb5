import Foundation
import TestSupport
import Testing

@Suite("A ping", .serialized)
struct PingTests {
    private let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    /// A spool that no daemon has served.
    private func spool() throws -> TestSpool {
        let spool = try TestSpool()
        #expect(try Tool.billhook(spool, ["init"]).status == 0)
        return spool
    }

    /// Everything that stands in a spool.
    private func content(_ spool: TestSpool) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: spool.path).sorted()
    }

    @Test("is a signed event of its own, posted once as a delivery would be, and leaves nothing behind")
    func delivered() throws {
        let receiver = try Receiver()
        let spool = try spool()
        try spool.subscribe("s", receiver.url, with: ["secret": secret, "headers": ["X-Tenant": "north"]])
        let before = try content(spool)
        let tool = try Tool.billhook(spool, ["ping", "s"])
        #expect(tool.status == 0 && tool.errors.isEmpty)
        let call = try #require(receiver.calls.first)
        #expect(receiver.calls.count == 1 && call.eventType == "billhook.ping" && call.attempt == 1)
        #expect(call.header("x-tenant") == "north" && call.header("webhook-id") == call.deliveryID)
        #expect(call.header("webhook-signature")?.hasPrefix("v1,") == true && call.header("x-signature") != nil)
        let event = try call.members()
        #expect(try event.text("type") == "billhook.ping" && event.object("data").text("subscription") == "s")
        #expect(tool.output.contains("ping       s: delivered, HTTP 200, in "))
        #expect(tool.output.contains("to 127.0.0.1 by HTTP/1.1, dns ") && tool.output.contains("first byte "))
        #expect(try content(spool) == before)
    }

    @Test(
        "is sent to a subscription that is paused or disabled, beside a daemon or without one",
        arguments: [false, true])
    func closed(isServed: Bool) throws {
        let receiver = try Receiver()
        let spool = try spool()
        try spool.subscribe("s", receiver.url)
        for name in ["paused", "disabled"] { try spool.write("", to: "subscriptions/s.\(name)") }
        let daemon = isServed ? try Daemon(spool) : nil
        #expect(try Tool.billhook(spool, ["ping", "s"]).status == 0)
        #expect(try Tool.billhook(spool, ["ping", "s"]).status == 0)
        #expect(Set(receiver.calls.compactMap(\.deliveryID)).count == 2)
        #expect(try daemon?.terminate() ?? 0 == 0)
    }

    @Test("that is not answered 2xx exits 69 and tells what came, as an attempt's line with --json")
    func failed() throws {
        let receiver = try Receiver { _ in .status(410, body: Array("gone\nfor good\n".utf8)) }
        let spool = try spool()
        try spool.subscribe("s", receiver.url)
        try spool.subscribe("gone", "http://127.0.0.1:\(try LoopbackSocket.closedPort())/")
        let tool = try Tool.billhook(spool, ["ping", "s", "--json"])
        let line = try Members(Array(tool.output.utf8))
        #expect(tool.status == 69 && receiver.calls.count == 1)
        #expect(try line.text("outcome") == "failed" && line.number("http_status") == 410)
        #expect(try Tool.billhook(spool, ["ping", "s"]).output.hasSuffix("\nanswer     gone for good\n"))
        #expect(try line.text("event") == "billhook.ping" && line.text("address") == "127.0.0.1")
        #expect(!spool.contains("subscriptions/s.disabled"))
        let gone = try Tool.billhook(spool, ["ping", "gone"])
        #expect(gone.status == 69 && gone.output.contains("gone: failed, connect_refused, in "))
    }

    @Test("needs a subscription, and one whose file is in order")
    func refused() throws {
        let spool = try spool()
        try spool.write("{}", to: "subscriptions/bad.json")
        let bad = try Tool.billhook(spool, ["ping", "bad"])
        #expect(bad.status == 78 && bad.errors.contains("subscriptions/bad.json, `url` is missing"))
        let none = try Tool.billhook(spool, ["ping", "none"])
        #expect(none.status == 66 && none.errors.contains("There is no subscription 'none'"))
    }
}
