import Addresses
import TestSupport
import Testing

@testable import Transport

@Suite(
    "HTTP/2",
    .enabled(if: HTTP2Server.isAvailable, "needs nghttpd (apt-get install nghttp2-server) and openssl"))
struct HTTP2Tests {
    @Test("is spoken where the server offers it, many requests at once over one connection")
    func multiplexed() throws {
        let directory = try ScratchDirectory()
        let server = try HTTP2Server(in: directory)
        let transport = try Transport(idleConnections: 16)
        for round in 0..<3 {
            for index in 0..<64 {
                let body = "\(round)-\(index)"
                transport.start(.make(server.url, body: body, caFile: server.certificate), id: UInt64(index))
            }
            let completions = Harness.finish(transport).sorted { $0.id < $1.id }
            #expect(completions.map(\.result.head) == (0..<64).map { "\(round)-\($0)" })
            #expect(completions.allSatisfy { $0.trace.httpVersion == "2" })
            #expect(completions.filter { $0.trace.isReused == false }.count == (round == 0 ? 1 : 0))
        }
        try eventually("the server has logged all requests") { server.requests == 192 }
        #expect(server.connections == 1)
    }

    @Test("a kept connection is not lent to a request that may not call its address")
    func guarded() throws {
        let directory = try ScratchDirectory()
        let server = try HTTP2Server(in: directory)
        let transport = try Transport(idleConnections: 16)
        func request(_ index: Int, isAllowed: Bool) -> PostRequest {
            .make(
                server.url, body: "\(index)", caFile: server.certificate,
                addresses: isAllowed ? .loopback : .init())
        }
        #expect(try Harness.post(request(0, isAllowed: true), over: transport).result.status == 200)
        for index in 0..<16 { transport.start(request(index, isAllowed: index % 2 == 0), id: UInt64(index)) }
        for completion in Harness.finish(transport) {
            // What shares the connection is not disturbed by what is refused it.
            let isAllowed = completion.id % 2 == 0
            #expect(completion.result.head == (isAllowed ? "\(completion.id)" : nil))
            if !isAllowed { #expect(completion.result == .failure(.addressRefused)) }
        }
        try eventually("the server has logged all requests") { server.requests == 9 }
    }
}
