import Addresses
import JSON

extension AttemptTrace {
    func write(to writer: inout JSONWriter) {
        if let address { writer.member("address", address.description) }
        if let isReused { writer.member("reused", isReused) }
        if let httpVersion { writer.member("http_version", httpVersion) }
        if let dnsMS { writer.member("dns_ms", dnsMS) }
        if let connectMS { writer.member("connect_ms", connectMS) }
        if let tlsMS { writer.member("tls_ms", tlsMS) }
        if let firstByteMS { writer.member("first_byte_ms", firstByteMS) }
    }

    /// What of it a line has; a member that makes no sense counts as absent, since nothing hangs on it.
    init(_ object: JSONObject) {
        self.init()
        address = object["address"]?.string.flatMap { IPAddress($0) }
        isReused = object["reused"]?.bool
        httpVersion = object["http_version"]?.string.flatMap { Self.versions.contains($0) ? $0 : nil }
        dnsMS = object.count("dns_ms")
        connectMS = object.count("connect_ms")
        tlsMS = object.count("tls_ms")
        firstByteMS = object.count("first_byte_ms")
    }

    private static let versions = ["1.0", "1.1", "2", "3"]
}
