import Crypto
import Foundation
import Synchronization
import TestSupport
import Testing

extension HostileDrop {
    private static let tried = Atomic<Int>(0)

    /// Notes how many were tried, for the reader of the log.
    static func count(_ number: Int = 1) {
        _ = summary
        tried.add(number, ordering: .relaxed)
    }

    /// Printed once, when the run ends.
    private static let summary: Void = {
        atexit { print("hostile drops tried: \(HostileDrop.tried.load(ordering: .relaxed))") }
    }()

    /// dead/refused-HHHHHHHH: the first eight digits of the SHA-256 of the name.
    static func refusedName(_ name: [UInt8]) -> String {
        "refused-" + sha256(name).prefix(8)
    }

    /// In hexadecimal digits.
    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }
}

extension Stage {
    /// A good request comes through, and the daemon ends as it should: nothing has hurt it.
    func expectHealth() throws {
        try spool.submit("healthy")
        try spool.wait(for: "done/healthy.json")
        #expect(try daemon.terminate() == 0)
        #expect(spool.names(".billhook/aside").isEmpty)
        #expect(!daemon.log.contains("the spool refuses work"), "\(daemon.log)")
    }
}
