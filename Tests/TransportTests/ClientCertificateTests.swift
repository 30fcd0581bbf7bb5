import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("A client certificate", .enabled(if: TLSServer.isAvailable, "needs openssl and python3 on PATH"))
struct ClientCertificateTests {
    private let directory: ScratchDirectory
    private let server: TLSServer
    private let transport: Transport

    init() throws {
        directory = try ScratchDirectory()
        let authority = try TLSServer.makeCertificate(in: directory, name: "billhook")
        server = try TLSServer(in: directory, clientAuthority: authority)
        transport = try Transport(idleConnections: 4)
    }

    private func post(_ certificate: String?, _ key: String?) throws -> PostResult {
        let request = PostRequest.make(
            server.url, caFile: server.certificate, clientCertificate: certificate.map { directory.path($0) },
            clientKey: key.map { directory.path($0) })
        return try Harness.post(request, over: transport).result
    }

    @Test("is shown to the server, and only for those who have it")
    func shown() throws {
        #expect(try post(nil, nil).head == "nobody")
        #expect(try post("billhook.pem", "billhook.key").head == "billhook")
        // Neither the connection nor the handle keeps it for a request without one.
        #expect(try post(nil, nil).head == "nobody")
        #expect(try post("billhook.pem", "billhook.key").head == "billhook")
    }

    @Test("may stand in one file with its key")
    func oneFile() throws {
        let both = try directory.read("billhook.pem") + directory.read("billhook.key")
        try directory.write(String(decoding: both, as: UTF8.self), to: "both.pem")
        #expect(try post("both.pem", nil).head == "billhook")
    }

    @Test("that can't be used fails the call: it is never made without")
    func unusable() throws {
        try TLSServer.run(
            "openssl",
            ["ec", "-in", directory.path("billhook.key"), "-aes256", "-passout", "pass:x", "-out"]
                + [directory.path("encrypted.key")])
        _ = try TLSServer.makeCertificate(in: directory, name: "other")
        try directory.write("no certificate\n", to: "text.pem")
        let pairs: [(String, String?)] = [
            ("missing.pem", "billhook.key"), ("billhook.pem", "missing.key"), ("billhook.pem", nil),
            ("billhook.pem", "other.key"), ("text.pem", "billhook.key"), ("billhook.pem", "text.pem"),
            ("billhook.pem", "encrypted.key"),
        ]
        for (certificate, key) in pairs {
            #expect(try post(certificate, key) == .failure(.clientCertificateFailed), "\(certificate), \(key ?? "-")")
        }
        // A connection that is open already does not make up for it.
        #expect(try post("billhook.pem", "billhook.key").head == "billhook")
        #expect(try post("missing.pem", "billhook.key") == .failure(.clientCertificateFailed))
    }

    @Test("that the server does not know ends in its refusal")
    func unknown() throws {
        _ = try TLSServer.makeCertificate(in: directory, name: "other")
        let result = try post("other.pem", "other.key")
        #expect(result.status == nil)
        #expect(result != .failure(.clientCertificateFailed))
    }
}
