import Foundation
import TestSupport
import Testing

/// What the README tells receivers to do, exactly as it is printed there.
@Suite("The README's receiver", .serialized)
struct ReceiverExampleTests {
    private static let secret = "whsec_" + Data("0123456789abcdef0123456789abcdef".utf8).base64EncodedString()

    /// A real webhook, and what must not pass for one.
    private enum Forgery: String, CaseIterable {
        case genuine, body, id, secret, signature, old, absent, nonsense
    }

    /// The block of a language in the section for receivers.
    private static func example(_ language: String) throws -> String {
        let text = try String(contentsOfFile: Verifier.root + "/README.md", encoding: .utf8)
        let section = text.components(separatedBy: "\n## ").first { $0.hasPrefix("For receivers") }
        let blocks = try #require(section).components(separatedBy: "```\(language)\n").dropFirst()
        return try #require(blocks.first?.components(separatedBy: "```").first)
    }

    /// Runs a program that judges a webhook on each forgery. Its arguments: a secret, a file of headers, one of the body.
    private func judge(_ scratch: ScratchDirectory, _ program: [String]) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url, with: ["secret": ReceiverExampleTests.secret]) }
        try stage.spool.submit("k", #"{"customer_id":"é","amount_cents":100}"#)
        let call = try #require(try receiver.waitForCalls(count: 1).first)
        for forgery in Forgery.allCases {
            var secret = ReceiverExampleTests.secret
            var body = call.body
            var headers = Dictionary(call.headers.map { ($0.name, $0.value) }) { first, _ in first }
            switch forgery {
            case .genuine: headers["webhook-signature"] = "v1,AAAA \(headers["webhook-signature"] ?? "") v2,BBBB"
            case .body: body[body.count - 2] ^= 1
            case .id: headers["webhook-id"]? += "x"
            case .secret: secret = "whsec_" + Data(repeating: 1, count: 32).base64EncodedString()
            case .signature: headers["webhook-signature"] = "v1,"
            case .old: headers["webhook-timestamp"] = "1614265330"
            case .absent: headers["webhook-signature"] = nil
            case .nonsense: headers["webhook-timestamp"] = "a[$(id>&2)]"
            }
            let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
            try scratch.write(lines, to: "headers")
            try Data(body).write(to: URL(fileURLWithPath: scratch.path("body")))
            let run = try Tool.run(
                program[0], Array(program.dropFirst()) + [secret, scratch.path("headers"), scratch.path("body")])
            #expect((run.status == 0) == (forgery == .genuine), "\(forgery): \(run.status) \(run.errors)")
            #expect(run.errors.isEmpty, "\(forgery)")
        }
    }

    @Test("in Python tells a webhook from its forgeries")
    func python() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(try ReceiverExampleTests.example("python"), to: "example.py")
        let driver = """
            import sys
            from example import verify
            lines = open(sys.argv[2], newline="").read().split("\\r\\n")
            headers = dict(line.split(": ", 1) for line in lines if line)
            sys.exit(not verify(sys.argv[1], headers, open(sys.argv[3], "rb").read()))
            """
        try judge(scratch, ["/usr/bin/env", "python3", try scratch.write(driver, to: "driver.py")])
    }

    @Test("in the shell tells a webhook from its forgeries")
    func shell() throws {
        let scratch = try ScratchDirectory()
        try judge(
            scratch, ["/bin/sh", try scratch.write(try ReceiverExampleTests.example("sh"), to: "verify-webhook")])
    }

    @Test(
        "in JavaScript tells a webhook from its forgeries",
        .enabled(if: Tool.find("node") != nil, "node is not installed"))
    func node() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(try ReceiverExampleTests.example("js"), to: "example.mjs")
        let driver = """
            import { readFileSync } from "node:fs";
            import { verify } from "./example.mjs";
            const [secret, file, body] = process.argv.slice(2);
            const lines = readFileSync(file, "latin1").split("\\r\\n").filter(Boolean);
            const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
            process.exit(verify(secret, headers, readFileSync(body)) ? 0 : 1);
            """
        try judge(scratch, ["/usr/bin/env", "node", try scratch.write(driver, to: "driver.mjs")])
    }

    @Test("in Go tells a webhook from its forgeries", .enabled(if: Tool.find("go") != nil, "go is not installed"))
    func go() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(try ReceiverExampleTests.example("go"), to: "verify.go")
        let driver = """
            package main

            import (
            	"net/http"
            	"os"
            	"strings"
            )

            func main() {
            	header := http.Header{}
            	lines, _ := os.ReadFile(os.Args[2])
            	for _, line := range strings.Split(string(lines), "\\r\\n") {
            		name, value, _ := strings.Cut(line, ": ")
            		header.Set(name, value)
            	}
            	body, _ := os.ReadFile(os.Args[3])
            	if !verify(os.Args[1], header, body) {
            		os.Exit(1)
            	}
            }
            """
        try scratch.write(driver, to: "main.go")
        let program = scratch.path("receiver")
        let sources = [scratch.path("verify.go"), scratch.path("main.go")]
        let build = try Tool.run(
            "/usr/bin/env", ["GOFLAGS=-mod=mod", "GO111MODULE=off", "go", "build", "-o", program] + sources)
        #expect(build.status == 0, "\(build.errors)")
        try judge(scratch, [program])
    }
}
