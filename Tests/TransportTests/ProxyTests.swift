import Addresses
import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("A forward proxy")
struct ProxyTests {
    @Test("forwards a plain call, and resolves its name itself")
    func forwards() throws {
        let proxy = try ForwardProxy()
        let receiver = try Receiver()
        // No such name exists, and no address is allowed: neither is this side's business.
        let url = "http://shop.invalid:\(receiver.port)/hook?x=1"
        let completion = try Harness.post(.make(url, body: "through", addresses: AddressGuard(), proxy: proxy.url))
        #expect(completion.result.status == 200)
        #expect(completion.trace.address == IPAddress("127.0.0.1"))
        let call = try #require(receiver.calls.first)
        #expect(call.text == "through")
        #expect(call.path == "/hook?x=1")
        #expect(call.header("host") == "shop.invalid:\(receiver.port)")
        #expect(proxy.requests == ["POST \(url) HTTP/1.1"])
    }

    @Test(
        "connects for a call over TLS, and sees none of it",
        .enabled(if: TLSServer.isAvailable, "needs openssl and python3 on PATH"))
    func tunnels() throws {
        let directory = try ScratchDirectory()
        let server = try TLSServer(in: directory)
        let proxy = try ForwardProxy()
        let transport = try Transport(idleConnections: 4)
        for _ in 0..<2 {
            let request = PostRequest.make(
                server.url, headers: [("Authorization", "Bearer t0psecret")], body: "secret",
                caFile: server.certificate, addresses: AddressGuard(), proxy: proxy.url)
            #expect(try Harness.post(request, over: transport).result.head == "secret")
        }
        let port = server.url.dropFirst("https://127.0.0.1:".count).dropLast()
        #expect(proxy.requests == ["CONNECT 127.0.0.1:\(port) HTTP/1.1"])
        #expect(proxy.heads.allSatisfy { !$0.contains("t0psecret") })
        // A certificate that isn't trusted is the server's fault, with a proxy or without.
        let request = PostRequest.make(server.url, proxy: proxy.url)
        #expect(try Harness.post(request, over: transport).result == .failure(.tlsFailed))
    }

    @Test("that nobody listens at, or whose name has no address, fails by its own name", arguments: ["http", "https"])
    func unreachable(scheme: String) throws {
        for proxy in ["http://127.0.0.1:\(try LoopbackSocket.closedPort())", "http://proxy.invalid:3128"] {
            let completion = try Harness.post(.make("\(scheme)://shop.invalid/", proxy: proxy))
            #expect(completion.result == .failure(.proxyFailed))
        }
    }

    @Test(
        "that does not connect fails by its own name",
        arguments: [
            ForwardProxy.Conduct.refuse(403), .refuse(407), .refuse(502), .refuse(503), .close, .babble, .stall,
        ])
    func refusesTunnel(conduct: ForwardProxy.Conduct) throws {
        let proxy = try ForwardProxy(conduct)
        let request = PostRequest.make(
            "https://shop.invalid/", timeout: .seconds(5), connectTimeout: .milliseconds(300), proxy: proxy.url)
        #expect(try Harness.post(request).result == .failure(.proxyFailed))
        #expect(proxy.requests == ["CONNECT shop.invalid:443 HTTP/1.1"])
    }

    @Test(
        "that wants credentials for a plain call fails by its own name; other answers can't be told from the receiver's"
    )
    func refusesForwarding() throws {
        let asking = try ForwardProxy(.refuse(407))
        #expect(
            try Harness.post(.make("http://shop.invalid/", proxy: asking.url)).result == .failure(.proxyFailed))
        let failing = try ForwardProxy(.refuse(502))
        #expect(try Harness.post(.make("http://shop.invalid/", proxy: failing.url)).result.status == 502)
        // Without a proxy it is an answer like any other.
        let receiver = try Receiver { _ in .status(407) }
        #expect(try Harness.post(.make(receiver.url)).result.status == 407)
    }

    @Test("a receiver that fails behind the proxy fails as without one")
    func receiverBehind() throws {
        let proxy = try ForwardProxy()
        let stalled = try Receiver { _ in .stall }
        let request = PostRequest.make(stalled.url, timeout: .milliseconds(300), proxy: proxy.url)
        #expect(try Harness.post(request).result == .failure(.timeout))
    }

    @Test("is left as it was taken: by request, with no trace in the next one")
    func byRequest() throws {
        let proxy = try ForwardProxy()
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 1)
        for proxied in [true, false, true, false] {
            let request = PostRequest.make(receiver.url, proxy: proxied ? proxy.url : nil)
            #expect(try Harness.post(request, over: transport).result.status == 200)
        }
        // One connection by way of the proxy, which is kept, and one without.
        #expect(receiver.connections == 2)
        #expect(proxy.requests.count == 1)
    }

    @Test("is not taken from the environment")
    func environment() async {
        // The environment belongs to the whole process: another one.
        await #expect(processExitsWith: .success) {
            let gone = "http://127.0.0.1:\(try LoopbackSocket.closedPort())"
            for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] { setenv(name, gone, 1) }
            let receiver = try Receiver()
            guard try Harness.post(.make(receiver.url)).result.status == 200 else { exit(1) }
            // Nor may it lead past the proxy that a request names.
            setenv("no_proxy", "*", 1)
            setenv("NO_PROXY", "*", 1)
            let result = try Harness.post(.make(receiver.url, proxy: gone)).result
            guard result == .failure(.proxyFailed) else { exit(2) }
        }
    }
}
