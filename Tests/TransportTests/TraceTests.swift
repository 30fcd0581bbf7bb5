import Addresses
import TestSupport
import Testing

@testable import Transport

@Suite("What is told of the way")
struct TraceTests {
    @Test("the first request made the connection, the second used it again")
    func reuse() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 4)
        let first = try Harness.post(.make(receiver.url), over: transport)
        #expect(first.trace.address == IPAddress("127.0.0.1"))
        #expect(first.trace.httpVersion == "1.1")
        #expect(first.trace.isReused == false)
        #expect(first.trace.connect != nil)
        #expect(first.trace.handshake == nil)
        let second = try Harness.post(.make(receiver.url), over: transport)
        #expect(second.trace.address == IPAddress("127.0.0.1"))
        #expect(second.trace.isReused == true)
        #expect(second.trace.connect == nil && second.trace.nameLookup == nil)
        #expect(try #require(second.trace.firstByte) <= second.duration)
    }

    @Test("no phase is longer than the whole, and together they are not either")
    func phases() throws {
        let receiver = try Receiver()
        let completion = try Harness.post(.make("http://shop.localhost:\(receiver.port)/"))
        let trace = completion.trace
        let parts = [trace.nameLookup, trace.connect, trace.handshake, trace.firstByte].compactMap { $0 }
        #expect(parts.count == 3)
        #expect(parts.allSatisfy { $0 >= .zero })
        #expect(parts.reduce(.zero, +) <= completion.duration)
    }

    @Test("an answer that never began has no first byte, one that never ended has")
    func firstByte() throws {
        for (answer, began) in [(Answer.stall, false), (.drip(), true)] {
            let receiver = try Receiver { _ in answer }
            let completion = try Harness.post(.make(receiver.url, timeout: .milliseconds(200)))
            #expect(completion.result == .failure(.timeout))
            #expect((completion.trace.firstByte != nil) == began)
            #expect(completion.trace.isReused == false)
            #expect(completion.trace.address == IPAddress("127.0.0.1"))
        }
    }

    @Test("an address that nobody listens at is told, and that there was no connection")
    func refused() throws {
        let trace = try Harness.post(.make("http://127.0.0.1:\(try LoopbackSocket.closedPort())/")).trace
        #expect(trace.address == IPAddress("127.0.0.1"))
        #expect(trace.isReused == nil && trace.connect == nil && trace.firstByte == nil && trace.httpVersion == nil)
    }

    @Test("a name without an address, or a URL that can't be used, leaves no trace")
    func nothing() throws {
        for url in ["http://nonexistent.invalid/", "nonsense"] {
            #expect(try Harness.post(.make(url)).trace == PostTrace())
        }
    }

    @Test("an old server is told by its version")
    func oldVersion() throws {
        let receiver = try Receiver { _ in .raw(Array("HTTP/1.0 200 OK\r\n\r\n".utf8)) }
        #expect(try Harness.post(.make(receiver.url)).trace.httpVersion == "1.0")
    }

    @Test("a handshake takes its time", .enabled(if: TLSServer.isAvailable, "needs openssl and python3 on PATH"))
    func handshake() throws {
        let directory = try ScratchDirectory()
        let server = try TLSServer(in: directory)
        let transport = try Transport(idleConnections: 4)
        let request = PostRequest.make(server.url, caFile: server.certificate)
        #expect(try #require(try Harness.post(request, over: transport).trace.handshake) > .zero)
        #expect(try Harness.post(request, over: transport).trace.handshake == nil)
    }
}
