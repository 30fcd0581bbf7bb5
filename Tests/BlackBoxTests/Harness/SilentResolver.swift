import Foundation
import TestSupport

/// A DNS server on a loopback address of its own that never answers.
final class SilentResolver {
    let address: String
    private let descriptor: Int32

    /// Listens at port 53, which needs root.
    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let number = UInt32.random(in: 0x7F35_0001...0x7F35_FFFE)
        address = [24, 16, 8, 0].map { String(number >> $0 & 0xFF) }.joined(separator: ".")
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = number.bigEndian
        name.sin_port = UInt16(53).bigEndian
        let isBound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw HarnessError("Port 53 of \(address): \(String(cString: strerror(errno))).") }
    }

    deinit { close(descriptor) }

    /// Whether a question is waiting.
    var hasBeenAsked: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) > 0
    }
}
