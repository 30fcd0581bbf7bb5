import TestSupport
import Testing

@testable import Transport

@Suite("HTTPS", .enabled(if: TLSServer.isAvailable, "needs openssl and python3 on PATH"))
struct TLSTests {
    @Test("a certificate is trusted through the CA file alone, and the handle forgets it again")
    func trust() throws {
        let directory = try ScratchDirectory()
        let server = try TLSServer(in: directory)
        let stranger = try TLSServer.makeCertificate(in: directory, name: "stranger")
        let transport = try Transport(idleConnections: 4)
        func post(caFile: String?) throws -> PostResult {
            try Harness.post(.make(server.url, body: "over TLS", caFile: caFile), over: transport).result
        }
        #expect(try post(caFile: nil) == .failure(.tlsFailed))
        #expect(try post(caFile: stranger) == .failure(.tlsFailed))
        #expect(try post(caFile: directory.path("missing.pem")) == .failure(.authoritiesFailed))
        #expect(try post(caFile: server.certificate).head == "over TLS")
        // An open connection that was made with the right file must not serve a request that has another.
        #expect(try post(caFile: stranger) == .failure(.tlsFailed))
        #expect(try post(caFile: nil) == .failure(.tlsFailed))
    }

    @Test("many at once over HTTPS each get their answer")
    func concurrent() throws {
        let directory = try ScratchDirectory()
        let server = try TLSServer(in: directory)
        let transport = try Transport(idleConnections: 16)
        for index in 0..<16 {
            let request = PostRequest.make(server.url, body: "\(index)", caFile: server.certificate)
            transport.start(request, id: UInt64(index))
        }
        let completions = Harness.finish(transport).sorted { $0.id < $1.id }
        #expect(completions.map(\.result.head) == (0..<16).map { "\($0)" })
    }

    @Test("a server that speaks plain HTTP fails the handshake")
    func plainServer() throws {
        let receiver = try Receiver()
        let url = "https://127.0.0.1:\(receiver.port)/"
        let result = try Harness.post(.make(url, timeout: .seconds(5), connectTimeout: .milliseconds(500))).result
        #expect(result == .failure(.tlsFailed) || result == .failure(.connectTimeout))
    }
}
