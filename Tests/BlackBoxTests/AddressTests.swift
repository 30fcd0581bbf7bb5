import Foundation
import TestSupport
import Testing

@Suite("The address of a subscriber", .serialized)
struct AddressTests {
    private static let needsNames = ConditionTrait.enabled(
        if: PrivateNames.objection == nil, Comment(rawValue: PrivateNames.objection ?? ""))

    @Test(
        "that is private though its name is not ends the delivery at once, with a reason and a way out", needsNames,
        arguments: [
            ("10.1.2.3", "a private address"), ("169.254.169.254", "the address of a cloud's metadata service"),
            ("127.0.0.1", "a loopback address"), ("::ffff:127.0.0.1", "a loopback address"),
            ("fd00::1", "a unique local (private) address"),
        ])
    func refused(address: String, noun: String) throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("shop", "http://shop.example:\(receiver.port)/hook?token=t0psecret", retry: ["1ms", "1ms"])
        let daemon = try PrivateNames.daemon(spool, hosts: ["shop.example": [address]])
        try spool.submit("k")
        try spool.wait(for: "dead/k.json")
        let lines = try spool.attempts("k", in: "dead")
        #expect(lines.count == 1)
        #expect(try lines[0].text("error") == "address_refused")
        #expect(try lines[0].text("address").hasSuffix(address == "::ffff:127.0.0.1" ? "127.0.0.1" : address))
        #expect(receiver.connections == 0)
        let error = try spool.object("dead/k.json.error")
        #expect(try error.text("message").contains("\(noun); if that is meant, name it in `allow`"))
        #expect(daemon.log.contains("resolves to"))
        #expect(!(daemon.log + (try spool.text("dead/k.json.error"))).contains("t0psecret"))
    }

    @Test("that `allow` names is called, from the next retry on", needsNames)
    func allowed() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        let url = "http://shop.example:\(receiver.port)/"
        try spool.subscribe("shop", url)
        let daemon = try PrivateNames.daemon(spool, hosts: ["shop.example": ["127.0.0.1"]])
        try spool.submit("k")
        try spool.wait(for: "dead/k.json")
        try spool.subscribe("shop", url, with: ["allow": ["127.0.0.1/32"]])
        // The daemon may take the drop before it has seen the file: then it refuses once more.
        try eventually("it is done", orElse: spool.listing()) {
            try spool.attemptShell("mv -n dead/k.json incoming/ 2>/dev/null")
            return spool.contains("done/k.json")
        }
        #expect(receiver.calls.count == 1)
        #expect(daemon.process.status == nil)
    }

    @Test("is the one that may be called, where a name has both sorts", needsNames)
    func mixed() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe(
            "shop", "http://shop.example:\(receiver.port)/", with: ["allow": ["127.0.0.0/8"]])
        let daemon = try PrivateNames.daemon(spool, hosts: ["shop.example": ["10.255.255.1", "127.0.0.1"]])
        try spool.submit("k")
        try spool.wait(for: "done/k.json")
        #expect(try spool.attempts("k", in: "done").map { try $0.text("address") } == ["127.0.0.1"])
        #expect(daemon.process.status == nil)
    }

    @Test(
        "needs no leave where the operator wrote it himself",
        arguments: ["127.0.0.1", "0.0.0.0", "localhost", "shop.localhost"])
    func written(host: String) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", "http://\(host):\(receiver.port)/") }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.count == 1)
    }

    @Test("that nobody tells, since the DNS server is silent, holds up nobody else", needsNames)
    func silentResolver() throws {
        let resolver = try SilentResolver()
        let good = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("good", good.url)
        try spool.subscribe("slow", "http://shop.example/", retry: [], with: ["timeout": "700ms"])
        let daemon = try PrivateNames.daemon(spool, hosts: [:], resolver: resolver.address)
        for number in 0..<40 { try spool.submit("k\(number)") }
        // glibc waits for half a minute: whoever waits for glibc is late here.
        try good.waitForCalls(count: 40, timeout: .seconds(20))
        try eventually("all are given up for slow", orElse: spool.listing()) { spool.requests("dead").count == 40 }
        for line in try spool.attempts("k7", in: "dead") where line.subscription == "slow" {
            #expect(try line.text("error") == "connect_timeout")
        }
        #expect(resolver.hasBeenAsked)
        #expect(try daemon.terminate() == 0)
    }
}
