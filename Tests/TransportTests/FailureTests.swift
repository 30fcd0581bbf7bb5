import CCurl
import TestSupport
import Testing

@testable import Transport

@Suite("How a POST fails")
struct FailureTests {
    @Test("nobody listens on the port")
    func refused() throws {
        let url = "http://127.0.0.1:\(try LoopbackSocket.closedPort())/"
        #expect(try Harness.post(.make(url)).result == .failure(.connectRefused))
    }

    @Test("the name has no address")
    func noSuchName() throws {
        #expect(try Harness.post(.make("http://nonexistent.invalid/")).result == .failure(.dnsFailed))
    }

    @Test("the receiver never answers")
    func stalled() throws {
        let receiver = try Receiver { _ in .stall }
        let completion = try Harness.post(.make(receiver.url, timeout: .milliseconds(200)))
        #expect(completion.result == .failure(.timeout))
        #expect(completion.duration >= .milliseconds(200))
        #expect(receiver.calls.count == 1)
    }

    @Test("the status came but the body never ended")
    func dripped() throws {
        let receiver = try Receiver { _ in .drip() }
        let completion = try Harness.post(.make(receiver.url, timeout: .milliseconds(200)))
        #expect(completion.result == .failure(.timeout))
    }

    @Test("the handshake is never answered: the connection was not made in time")
    func silentHandshake() throws {
        let (listener, port) = try LoopbackSocket.listen()
        defer { LoopbackSocket.close(listener) }
        let request = PostRequest.make("https://127.0.0.1:\(port)/", connectTimeout: .milliseconds(200))
        #expect(try Harness.post(request).result == .failure(.connectTimeout))
    }

    @Test(
        "the answers that are none",
        arguments: [
            (Answer.reset, PostFailure.connectionReset),
            (.close, .connectionReset),
            (.halfHeader, .badResponse),
            (.raw(Array("HTTP/1.1 200 OK\r\n".utf8)), .badResponse),
            (.raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8)), .badResponse),
            (.raw(Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8)), .connectionReset),
            (.raw(Array("220 mail.example ESMTP\r\n".utf8)), .badResponse),
            (.raw(Array("HTTP/1.1 200 OK\r\n".utf8) + Self.longHeader), .tooLarge),
            (.raw(Array("HTTP/1.1 200 OK\r\nX: ".utf8) + [UInt8](repeating: 0x61, count: 200_000)), .tooLarge),
        ])
    func noAnswer(_ answer: Answer, _ failure: PostFailure) throws {
        let receiver = try Receiver { _ in answer }
        #expect(try Harness.post(.make(receiver.url)).result == .failure(failure))
    }

    @Test(
        "a URL that can't be used is refused without a connection",
        arguments: [
            "", "example.com/hook", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1/\u{0}x", "https:/127.0.0.1",
        ])
    func badURL(_ url: String) throws {
        #expect(try Harness.post(.make(url)).result == .failure(.badURL))
    }

    @Test(
        "a header that would smuggle in another, or has no name, is refused",
        arguments: [
            ("X-A", "b\r\nX-C: d"), ("X-A", "b\n"), ("X-A", "\u{0}"), ("X-A\rX-C", "d"), ("X-\u{0}", "a"),
            ("X-A: b", "c"), ("", "no name"),
        ])
    func badHeader(_ name: String, _ value: String) throws {
        let receiver = try Receiver()
        #expect(try Harness.post(.make(receiver.url, headers: [(name, value)])).result == .failure(.badURL))
        #expect(receiver.connections == 0)
    }

    @Test("a request that can't be set up is in flight until the next poll, which does not wait")
    func refusedAtStart() throws {
        let transport = try Transport(idleConnections: 1)
        transport.start(.make("nonsense"), id: 9)
        #expect(transport.inFlight == 1)
        var completions: [PostCompletion] = []
        transport.poll(timeout: nil, into: &completions)
        #expect(completions.map(\.id) == [9])
        #expect(transport.inFlight == 0)
    }

    @Test(
        "every verdict of libcurl has a name here",
        arguments: [
            (CURLE_COULDNT_CONNECT, 111, false, PostFailure.connectRefused),
            (CURLE_COULDNT_CONNECT, 110, false, .connectTimeout),
            (CURLE_COULDNT_CONNECT, 113, false, .connectFailed),
            (CURLE_OPERATION_TIMEDOUT, 0, false, .connectTimeout),
            (CURLE_OPERATION_TIMEDOUT, 0, true, .timeout),
            (CURLE_COULDNT_RESOLVE_PROXY, 0, false, .proxyFailed),
            (CURLE_PROXY, 0, false, .proxyFailed),
            (CURLE_ABORTED_BY_CALLBACK, 0, false, .other),
            (CURLE_SSL_CERTPROBLEM, 0, false, .clientCertificateFailed),
            (CURLE_HTTP2_STREAM, 0, true, .connectionReset),
            (CURLE_HTTP2, 0, true, .badResponse),
            (CURLE_SSL_CACERT_BADFILE, 0, false, .authoritiesFailed),
            (CURLE_OUT_OF_MEMORY, 0, false, .other),
            (CURLcode(rawValue: 100), 0, true, .tooLarge),
            (CURLcode(rawValue: 4711), 0, true, .other),
        ])
    func verdict(_ code: CURLcode, _ systemError: CInt, _ isConnected: Bool, _ expected: PostFailure) {
        let failed = FailedTransfer(code: code, systemError: systemError, isConnected: isConnected)
        #expect(PostFailure(failed) == expected)
    }

    @Test(
        "what goes wrong before the proxy has connected is the proxy's, and the rest is not",
        arguments: [
            (CURLE_COULDNT_CONNECT, PostFailure.connectRefused), (CURLE_OPERATION_TIMEDOUT, .connectTimeout),
            (CURLE_RECV_ERROR, .connectionReset), (CURLE_SEND_ERROR, .connectionReset),
            (CURLE_GOT_NOTHING, .connectionReset), (CURLE_WEIRD_SERVER_REPLY, .badResponse),
            (CURLE_UNSUPPORTED_PROTOCOL, .badURL),
        ])
    func proxyVerdict(_ code: CURLcode, _ direct: PostFailure) {
        var failed = FailedTransfer(code: code, systemError: 111)
        #expect(PostFailure(failed) == direct)
        failed.isProxied = true
        #expect(PostFailure(failed) == .proxyFailed)
        failed.connectStatus = 403
        #expect(PostFailure(failed) == .proxyFailed)
        failed.connectStatus = 200
        #expect(PostFailure(failed) == direct)
        failed.code = CURLE_PEER_FAILED_VERIFICATION
        #expect(PostFailure(failed) == .tlsFailed)
    }

    private static let longHeader = [UInt8](String(repeating: "X-Padding: aaaaaaaaaaaaaaaaaa\r\n", count: 4000).utf8)
}
