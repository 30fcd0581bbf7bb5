import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("Descriptors")
struct DescriptorTests {
    @Test("a transport gives back every descriptor, whatever became of its requests")
    func noLeak() async {
        // A process of its own: other tests open and close descriptors all the time.
        await #expect(processExitsWith: .success) {
            let receiver = try Receiver { call in
                switch call.index % 4 {
                case 0: .status(200)
                case 1: .reset
                case 2: .halfHeader
                default: .stall
                }
            }
            let refused = "http://127.0.0.1:\(try LoopbackSocket.closedPort())/"
            let before = try openDescriptors()
            for round in 0..<20 {
                let transport = try Transport(idleConnections: 8)
                for index in 0..<16 { transport.start(.make(receiver.url), id: UInt64(index)) }
                transport.start(.make(refused), id: 16)
                transport.start(.make("nonsense"), id: 17)
                Harness.drive(transport, until: receiver, has: (round + 1) * 16)
                if round % 2 == 0 { transport.cancelAll() }
            }
            // The receiver's side is in this process too.
            receiver.release()
            try receiver.waitUntilAllClosed()
            // A leak shows at least once a round; a few more may be open for a moment, such as glibc's look at /sys.
            guard try openDescriptors() < before + 10 else { exit(1) }
        }
    }
}

private func openDescriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
}
