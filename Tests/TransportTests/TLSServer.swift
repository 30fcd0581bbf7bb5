import Foundation
import TestSupport

/// An HTTPS server with a certificate of its own for 127.0.0.1, made with `openssl` and run by `python3`.
final class TLSServer {
    /// `https://127.0.0.1:PORT/`.
    let url: String
    /// Its certificate, which is its own authority.
    let certificate: String

    private let process = Process()
    private let input = Pipe()

    /// Whether both tools are there.
    static var isAvailable: Bool { find("openssl") != nil && find("python3") != nil }

    /// Starts the server; it ends with its standard input.
    ///
    /// - Parameter clientAuthority: whose client certificates it asks for: then it answers with the name in the one that
    ///   it was shown, or `nobody`, instead of the body that it got.
    init(in directory: ScratchDirectory, clientAuthority: String? = nil) throws {
        certificate = try Self.makeCertificate(in: directory, name: "server")
        let output = Pipe()
        process.executableURL = Self.find("python3")
        process.arguments = ["-c", Self.script, certificate, directory.path("server.key"), clientAuthority].compactMap {
            $0
        }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ReceiverError(description: "The TLS server did not say its port but '\(line)'.")
        }
        url = "https://127.0.0.1:\(port)/"
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Makes a key and a self-signed certificate for 127.0.0.1 and returns the path of the certificate.
    static func makeCertificate(in directory: ScratchDirectory, name: String) throws -> String {
        try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                directory.path("\(name).key"), "-out", directory.path("\(name).pem"),
            ])
        return directory.path("\(name).pem")
    }

    /// Runs a tool to its end.
    static func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = find(tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ReceiverError(description: "\(tool) failed: \(arguments.joined(separator: " "))")
        }
    }

    static func find(_ tool: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { URL(fileURLWithPath: "\($0)/\(tool)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static let script = """
        import http.server, os, ssl, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if len(sys.argv) > 3:
                    subject = dict(pair[0] for pair in (self.connection.getpeercert() or {}).get("subject", ()))
                    body = subject.get("commonName", "nobody").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments):
                pass
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def handle_error(self, request, address):
                pass
        server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        if len(sys.argv) > 3:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """
}
