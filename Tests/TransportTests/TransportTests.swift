import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("Many requests over one transport")
struct TransportTests {
    @Test("requests one after the other share a connection")
    func keepAlive() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 4)
        for _ in 0..<20 {
            #expect(try Harness.post(.make(receiver.url), over: transport).result.status == 200)
        }
        #expect(receiver.calls.count == 20)
        #expect(receiver.connections == 1)
    }

    @Test("a connection that the receiver closed in the meantime costs no failure")
    func closedWhileIdle() throws {
        let receiver = try Receiver { call in
            .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Index: \(call.index)\r\n\r\n".utf8))
        }
        let transport = try Transport(idleConnections: 4)
        for _ in 0..<5 {
            #expect(try Harness.post(.make(receiver.url), over: transport).result.status == 200)
        }
    }

    @Test("64 at once each get their own answer")
    func concurrent() throws {
        let receiver = try Receiver { call in .status(200, body: call.body) }
        let transport = try Transport(idleConnections: 64)
        for round in 0..<3 {
            for index in 0..<64 {
                transport.start(.make(receiver.url, body: "\(round)-\(index)"), id: UInt64(index))
            }
            #expect(transport.inFlight == 64)
            let completions = Harness.finish(transport).sorted { $0.id < $1.id }
            #expect(completions.map(\.result.head) == (0..<64).map { "\(round)-\($0)" })
        }
        #expect(receiver.connections <= 64)
    }

    @Test("a poll ends when another descriptor can be read, and leaves what is there to whoever gave it")
    func otherDescriptor() throws {
        let stalled = try Receiver { _ in .stall }
        let transport = try Transport(idleConnections: 4)
        transport.start(.make(stalled.url), id: 1)
        let pipe = Pipe()
        let other = pipe.fileHandleForReading
        var completions: [PostCompletion] = []
        transport.poll(timeout: .milliseconds(1), or: other.fileDescriptor, into: &completions)
        pipe.fileHandleForWriting.write(Data([7]))
        transport.poll(timeout: nil, or: other.fileDescriptor, into: &completions)
        #expect(completions.isEmpty && transport.inFlight == 1)
        #expect(other.readData(ofLength: 1) == Data([7]))
        stalled.release()
    }

    @Test("another descriptor that says nothing keeps no answer back")
    func silentDescriptor() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 4)
        let pipe = Pipe()
        transport.start(.make(receiver.url), id: 1)
        var completions: [PostCompletion] = []
        while completions.isEmpty {
            transport.poll(timeout: nil, or: pipe.fileHandleForReading.fileDescriptor, into: &completions)
        }
        #expect(completions.map(\.result.status) == [200])
    }

    @Test("stalled receivers neither delay the others nor cost them their connections")
    func stalledNeighbours() throws {
        let stalled = try Receiver { _ in .stall }
        let healthy = try Receiver()
        let transport = try Transport(idleConnections: 2)
        for index in 0..<32 { transport.start(.make(stalled.url), id: UInt64(100 + index)) }
        Harness.drive(transport, until: stalled, has: 32)
        for index in 0..<20 {
            transport.start(.make(healthy.url), id: UInt64(index))
            var completions: [PostCompletion] = []
            while completions.isEmpty { transport.poll(timeout: nil, into: &completions) }
            #expect(completions.map(\.id) == [UInt64(index)])
        }
        #expect(healthy.connections == 1)
        stalled.release()
        #expect(Harness.finish(transport).map(\.result.status) == Array(repeating: 200, count: 32))
    }

    @Test("a request goes where it says, and for as long, whatever the one before it said")
    func aimedAnew() throws {
        let stalled = try Receiver { _ in .stall }
        let healthy = try Receiver()
        // One at a time, so that all of them take the same handle.
        let transport = try Transport(idleConnections: 1)
        for index in 0..<3 {
            let way = "/way-\(index)?turn=\(index)"
            #expect(try Harness.post(.make(healthy.url + way), over: transport).result.status == 200)
            let brief = PostRequest.make(stalled.url, timeout: .milliseconds(50))
            #expect(try Harness.post(brief, over: transport).result == .failure(.timeout))
        }
        #expect(healthy.calls.map(\.path) == (0..<3).map { "/hook/way-\($0)?turn=\($0)" })
        stalled.release()
    }

    @Test("changing the CA file and back leaves no trace in the next request")
    func changingOptions() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 1)
        for file in [nil, "/nonexistent/ca.pem", nil, "/nonexistent/other.pem"] {
            let request = PostRequest.make(receiver.url, headers: [("X-A", "b")], body: "{\"a\":1}", caFile: file)
            #expect(try Harness.post(request, over: transport).result.status == 200)
        }
        #expect(receiver.calls.map(\.text) == Array(repeating: "{\"a\":1}", count: 4))
    }

    @Test("a poll without a request ends when its time is over, and at once without any")
    func emptyPoll() throws {
        let transport = try Transport(idleConnections: 1)
        var completions: [PostCompletion] = []
        let start = SuspendingClock.now
        transport.poll(timeout: .milliseconds(50), into: &completions)
        #expect(start.duration(to: .now) >= .milliseconds(50))
        transport.poll(timeout: .zero, into: &completions)
        transport.poll(timeout: .milliseconds(-1), into: &completions)
        #expect(completions.isEmpty)
    }

    @Test("wake() from another thread ends a poll that waits for ever")
    func wakeWhileWaiting() throws {
        let transport = try Transport(idleConnections: 1)
        let waker = transport.waker
        var completions: [PostCompletion] = []
        for _ in 0..<100 {
            Thread.detachNewThread { waker.wake() }
            transport.poll(timeout: nil, into: &completions)
        }
        #expect(completions.isEmpty)
    }

    @Test("wake() before a poll ends the next one, once")
    func wakeBefore() throws {
        let transport = try Transport(idleConnections: 1)
        for _ in 0..<10 { transport.waker.wake() }
        var completions: [PostCompletion] = []
        transport.poll(timeout: nil, into: &completions)
        let start = SuspendingClock.now
        transport.poll(timeout: .milliseconds(50), into: &completions)
        #expect(start.duration(to: .now) >= .milliseconds(50))
    }

    @Test("a waker outlives its transport harmlessly")
    func wakeAfterTheEnd() throws {
        var transport: Transport? = try Transport(idleConnections: 1)
        let waker = try #require(transport?.waker)
        transport = nil
        waker.wake()
        #expect(transport == nil)
    }

    @Test("what is cancelled is never reported, and the transport goes on")
    func cancelAll() throws {
        let stalled = try Receiver { call in call.index < 8 ? .stall : .status(201) }
        let transport = try Transport(idleConnections: 8)
        for index in 0..<8 { transport.start(.make(stalled.url), id: UInt64(index)) }
        transport.start(.make("nonsense"), id: 99)
        Harness.drive(transport, until: stalled, has: 8)
        transport.cancelAll()
        #expect(transport.inFlight == 0)
        var completions: [PostCompletion] = []
        transport.poll(timeout: .zero, into: &completions)
        #expect(completions.isEmpty)
        #expect(try Harness.post(.make(stalled.url), over: transport).result.status == 201)
    }

    @Test("a request may be longer than the one whose place it takes")
    func growingRequests() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 1)
        for size in [1, 40, 4000, 1] {
            let headers = (0..<size.clamped(to: 1...60)).map { ("X-\($0)", String(repeating: "v", count: size)) }
            let request = PostRequest.make(receiver.url, headers: headers, body: String(repeating: "b", count: size))
            #expect(try Harness.post(request, over: transport).result.status == 200)
            let call = try #require(receiver.calls.last)
            #expect(call.body.count == size)
            #expect(call.headers.filter { $0.name.hasPrefix("x-") }.count == headers.count)
            #expect(call.header("X-0")?.count == size)
        }
    }

    @Test(
        "timeouts are rounded up to whole milliseconds",
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1001), 2),
            (.seconds(-1), 0),
            (.seconds(2), 2000), (.seconds(Int64.max), Int(CInt.max)),
        ])
    func rounding(_ duration: Duration, _ milliseconds: Int) {
        #expect(Int(duration.pollMilliseconds) == milliseconds)
        #expect(duration.curlMilliseconds == max(1, milliseconds))
    }
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
