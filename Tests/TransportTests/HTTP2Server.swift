import Foundation
import TestSupport

/// nghttpd: an HTTP/2 server with a certificate of its own for 127.0.0.1, which answers with the body that it got and
/// logs every frame.
final class HTTP2Server {
    /// `https://127.0.0.1:PORT/`.
    let url: String
    /// Its certificate, which is its own authority.
    let certificate: String

    private let process: Spawn
    private let directory: ScratchDirectory

    private static let program = TLSServer.find("nghttpd")?.path ?? "/usr/sbin/nghttpd"

    static var isAvailable: Bool {
        TLSServer.find("openssl") != nil && FileManager.default.isExecutableFile(atPath: program)
    }

    init(in directory: ScratchDirectory) throws {
        self.directory = directory
        certificate = try TLSServer.makeCertificate(in: directory, name: "server")
        let port = try LoopbackSocket.closedPort()
        url = "https://127.0.0.1:\(port)/"
        let log = directory.path("nghttpd.log")
        process = try Spawn(
            "/usr/bin/env",
            [
                "stdbuf", "-oL", HTTP2Server.program, "-v", "--echo-upload", "-a", "127.0.0.1", "\(port)",
                directory.path("server.key"), certificate,
            ], output: log, errors: log)
        try eventually("nghttpd listens", orElse: directory.text("nghttpd.log")) {
            guard let socket = LoopbackSocket.connect(port) else { return false }
            LoopbackSocket.close(socket)
            return true
        }
    }

    /// How many connections have carried requests: each line of the log begins with the number of its connection.
    var connections: Int {
        let lines = directory.text("nghttpd.log").split(separator: "\n").filter { $0.contains("recv HEADERS frame") }
        return Set(lines.compactMap { $0.split(separator: "]").first }).count
    }

    /// How many requests have come.
    var requests: Int {
        directory.text("nghttpd.log").components(separatedBy: "recv HEADERS frame").count - 1
    }
}
