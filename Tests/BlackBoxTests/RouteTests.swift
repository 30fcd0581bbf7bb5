import Foundation
import TestSupport
import Testing

@Suite("The way of a webhook", .serialized)
struct RouteTests {
    @Test("stands in its attempt's line: the address, the connection, the version and the times of the phases")
    func recorded() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage { try $0.subscribe("s", receiver.url, retry: ["1ms"]) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        let lines = try stage.spool.attempts("k", in: "done")
        #expect(try lines.map { try $0.text("address") } == ["127.0.0.1", "127.0.0.1"])
        #expect(lines.map { $0.all["reused"] as? Bool } == [false, true])
        #expect(try lines.map { try $0.text("http_version") } == ["1.1", "1.1"])
        #expect(lines.map { $0.all["connect_ms"] is NSNumber } == [true, false])
        for line in lines { #expect(try line.number("first_byte_ms") <= line.number("duration_ms")) }
        #expect(lines.allSatisfy { $0.all["tls_ms"] == nil })
        let shown = try stage.run(["show", "k"])
        #expect(shown.contains("to 127.0.0.1 by HTTP/1.1, a connection used before, first byte "))
    }

    @Test("leads through the proxy that its subscription names, and fails by its name")
    func proxy() throws {
        let gone = "http://127.0.0.1:\(try LoopbackSocket.closedPort())"
        let receiver = try Receiver()
        let url = "http://shop.invalid:\(receiver.port)/hook"
        let stage = try Stage { try $0.subscribe("s", url, retry: ["1h"], with: ["proxy": gone]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        #expect(try stage.spool.attempts("k", in: "processing")[0].text("error") == "proxy_failed")
        let proxy = try ForwardProxy()
        try stage.spool.subscribe("s", url, retry: ["1h"], with: ["proxy": proxy.url])
        try stage.spool.push("k")
        #expect(receiver.calls.count == 1)
        #expect(proxy.requests == ["POST \(url) HTTP/1.1"])
    }

    @Test("without its client certificate is not taken: the attempt fails by its own name, and is tried again")
    func certificate() throws {
        let (listener, port) = try LoopbackSocket.listen()
        defer { LoopbackSocket.close(listener) }
        let stage = try Stage {
            try $0.subscribe(
                "s", "https://127.0.0.1:\(port)/", retry: ["1h"],
                with: ["client_cert": "missing.pem", "timeout": "2s"])
        }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        let line = try stage.spool.attempts("k", in: "processing")[0]
        #expect(try line.text("error") == "client_cert_failed")
        #expect(line.all["next_attempt_at"] != nil)
    }

    @Test("waits for no trust file that is none, and neither do others: the attempt fails by its own name")
    func trustFile() throws {
        let receiver = try Receiver()
        let (listener, port) = try LoopbackSocket.listen()
        defer { LoopbackSocket.close(listener) }
        let stage = try Stage {
            try $0.shell("mkfifo subscriptions/fifo.pem")
            for (name, file) in [("fifo", "fifo.pem"), ("gone", "gone.pem")] {
                try $0.subscribe(name, "https://127.0.0.1:\(port)/", retry: ["1h"], with: ["ca_file": file])
            }
            try $0.subscribe("s", receiver.url)
        }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 3)
        let lines = try stage.spool.attempts("k", in: "processing")
        #expect(try lines.count { try $0.text("outcome") == "error" && $0.text("error") == "ca_file_failed" } == 2)
        #expect(receiver.calls.count == 1)
    }

    @Test("leaves no secret behind: not the URL's query, no header of the user's, though the receiver echoes both")
    func redacted() throws {
        let secrets = ["t0psecret-query", "t0psecret-header", "t0psecret/plain"]
        let receiver = try Receiver { call in
            let echo = "\(call.path) \(call.headers.map { "\($0.name): \($0.value)" }) t0psecret/plain"
            return .status(500, headers: [("X-Echo", echo)], body: Array(echo.utf8))
        }
        let url = receiver.url(path: "/hook?token=t0psecret-query&t=t0psecret%2Fplain")
        let gone = "http://127.0.0.1:\(try LoopbackSocket.closedPort())/?token=t0psecret-query"
        let headers = ["headers": ["Authorization": "Bearer t0psecret-header"]]
        let stage = try Stage {
            try $0.subscribe("s", url, retry: ["1ms"], with: headers)
            try $0.subscribe("gone", gone, retry: [], with: headers)
        }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        #expect(receiver.calls.count == 2)
        #expect(receiver.calls[0].header("authorization") == "Bearer t0psecret-header")
        let kept = try ["invoice", "attempts", "error"].map { try stage.spool.text("dead/k.json.\($0)") }
        let told = try [["show", "k"], ["show", "k", "--json"], ["status"], ["status", "--json"]].map {
            try stage.run($0)
        }
        let everything = (kept + told + [stage.daemon.log]).joined(separator: "\n")
        #expect(everything.contains("[hidden]"))
        for secret in secrets { #expect(!everything.contains(secret), "\(secret)") }
    }
}

extension Stage {
    /// Runs a command on the spool and returns what it printed.
    fileprivate func run(_ arguments: [String]) throws -> String {
        let output = spool.scratch.path("command.\(UUID().uuidString)")
        let status = try Spawn(
            Daemon.binary, arguments + ["--spool", spool.path], output: output, errors: output
        ).wait()
        guard status == 0 else { throw HarnessError("\(arguments) ended with \(status).") }
        return try String(contentsOfFile: output, encoding: .utf8)
    }
}
