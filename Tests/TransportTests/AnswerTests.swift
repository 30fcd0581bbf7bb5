import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("What a receiver answers")
struct AnswerTests {
    @Test("the request arrives byte for byte, with our headers and none of libcurl's own")
    func request() throws {
        let receiver = try Receiver()
        let request = PostRequest.make(
            receiver.url(path: "/a?b=c"),
            headers: [
                ("Content-Type", "application/json"), ("X-Delivery-ID", "d1"), ("X-Attempt", "3"), ("X-Empty", ""),
                ("X-Blank", " \t"),
            ],
            body: "{\"amount\":1}\u{0}\n")
        #expect(try Harness.post(request).result.status == 200)
        let call = try #require(try receiver.waitForCalls(count: 1).first)
        #expect(call.method == "POST")
        #expect(call.path == "/a?b=c")
        #expect(call.body == request.body)
        #expect(call.deliveryID == "d1")
        #expect(call.attempt == 3)
        #expect(call.header("x-empty") == "" && call.header("x-blank") == "")
        #expect(call.headers.filter { $0.name == "content-type" }.map(\.value) == ["application/json"])
        let names = Set(call.headers.map(\.name))
        #expect(
            names == [
                "host", "accept", "content-length", "content-type", "x-delivery-id", "x-attempt", "x-empty", "x-blank",
            ])
    }

    @Test("an empty body is sent as one, without a content type of libcurl's choice")
    func emptyBody() throws {
        let receiver = try Receiver()
        #expect(try Harness.post(.make(receiver.url, body: "")).result.status == 200)
        let call = try #require(receiver.calls.first)
        #expect(call.header("content-length") == "0")
        #expect(call.header("content-type") == nil)
    }

    @Test("a body of more than a megabyte is sent without waiting for a 100 Continue")
    func largeBody() throws {
        let receiver = try Receiver()
        let body = String(repeating: "0123456789abcdef", count: 80_000)
        #expect(try Harness.post(.make(receiver.url, body: body)).result.status == 200)
        let call = try #require(receiver.calls.first)
        #expect(call.text == body)
        #expect(call.header("expect") == nil)
    }

    @Test("any status is an answer, and its body is kept to the limit", arguments: [200, 204, 400, 410, 500, 503])
    func status(_ status: Int) throws {
        let receiver = try Receiver { _ in .status(status, body: status == 204 ? [] : Array("abcdefgh".utf8)) }
        let completion = try Harness.post(.make(receiver.url, responseLimit: 5))
        let head = status == 204 ? [] : Array("abcde".utf8)
        #expect(completion.result == .answer(status: status, retryAfter: nil, head: head))
        #expect(completion.duration > .zero)
    }

    @Test("a redirect is an answer and is not followed", arguments: [301, 302, 307, 308])
    func redirect(_ status: Int) throws {
        let target = try Receiver()
        let location = target.url
        let receiver = try Receiver { _ in .status(status, headers: [("Location", location)]) }
        #expect(try Harness.post(.make(receiver.url)).result.status == status)
        #expect(receiver.calls.count == 1)
        #expect(target.calls.isEmpty)
    }

    @Test("an instruction in the header is read whatever its case", arguments: [200, 410, 500])
    func instruction(status: Int) throws {
        for (name, value, instruction) in [
            ("webhook-delivery", "disable", PostInstruction.disable),
            ("Webhook-Delivery", " ABORT-message ", .abortMessage),
        ] {
            let receiver = try Receiver { _ in .status(status, headers: [(name, value)], body: Array("no".utf8)) }
            let expected = PostResult.instructed(instruction, status: status, head: Array("no".utf8))
            #expect(try Harness.post(.make(receiver.url)).result == expected)
        }
    }

    @Test(
        "what is no instruction is none",
        arguments: [("webhook-delivery", "stop"), ("webhook-delivery", ""), ("x-webhook-delivery", "disable")])
    func noInstruction(name: String, value: String) throws {
        let receiver = try Receiver { _ in .status(500, headers: [(name, value)]) }
        #expect(try Harness.post(.make(receiver.url)).result == .answer(status: 500, retryAfter: nil, head: []))
    }

    @Test("Retry-After is read as seconds")
    func retryAfterSeconds() throws {
        let receiver = try Receiver { _ in .status(429, headers: [("Retry-After", "120")]) }
        let expected = PostResult.answer(status: 429, retryAfter: .seconds(120), head: [])
        #expect(try Harness.post(.make(receiver.url)).result == expected)
    }

    @Test("Retry-After is read as an HTTP date")
    func retryAfterDate() throws {
        let date = Self.httpDate(Date(timeIntervalSinceNow: 3600))
        let receiver = try Receiver { _ in .status(503, headers: [("Retry-After", date)]) }
        let wait = try #require(try Harness.post(.make(receiver.url)).result.retryAfter)
        // The date has whole seconds, and the test may be held up by as much as it likes.
        #expect(wait <= .seconds(3600))
        #expect(wait > .zero)
    }

    @Test(
        "a Retry-After that asks for no wait, or makes no sense, is none",
        arguments: ["0", "-5", "soon", "", "Fri, 01 Jan 1999 00:00:00 GMT"])
    func retryAfterNone(_ value: String) throws {
        let receiver = try Receiver { _ in .status(429, headers: [("Retry-After", value)]) }
        #expect(try Harness.post(.make(receiver.url)).result == .answer(status: 429, retryAfter: nil, head: []))
    }

    @Test("a Retry-After of centuries is cut to a year")
    func retryAfterCentury() throws {
        let receiver = try Receiver { _ in .status(429, headers: [("Retry-After", "99999999999")]) }
        #expect(try Harness.post(.make(receiver.url)).result.retryAfter == .seconds(365 * 86_400))
    }

    @Test("an interim answer is passed over, the final one counts")
    func earlyHints() throws {
        let bytes = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
        let receiver = try Receiver { _ in .raw(Array(bytes.utf8)) }
        let expected = PostResult.answer(status: 201, retryAfter: nil, head: Array("ok".utf8))
        #expect(try Harness.post(.make(receiver.url)).result == expected)
    }

    @Test("chunks and trailers make one answer")
    func chunked() throws {
        let bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nX-Sum: 1\r\n\r\n"
        let receiver = try Receiver { _ in .raw(Array(bytes.utf8)) }
        #expect(try Harness.post(.make(receiver.url)).result.head == "abc")
    }

    @Test("an answer that never ends is cut, and its status counts")
    func endless() throws {
        let receiver = try Receiver { _ in .endless(202) }
        let result = try Harness.post(.make(receiver.url, responseLimit: 3)).result
        #expect(result == .answer(status: 202, retryAfter: nil, head: Array("eee".utf8)))
    }

    @Test("a body that ends exactly at the cut is a whole answer, and the connection is kept")
    func exactlyAtTheCut() throws {
        let receiver = try Receiver { _ in
            .status(200, body: [UInt8](repeating: 0x61, count: ResponseLimits.body))
        }
        let transport = try Transport(idleConnections: 4)
        for _ in 0..<2 {
            #expect(try Harness.post(.make(receiver.url), over: transport).result.status == 200)
        }
        #expect(receiver.connections == 1)
    }

    private static func httpDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}
