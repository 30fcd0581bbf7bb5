public import Addresses

/// What is known of the way an attempt took; `nil` for what did not happen.
///
/// Times are in whole milliseconds, and each is its own phase's. Those of making a connection belong to the attempt that
/// made it.
public struct AttemptTrace: Sendable, Equatable {
    /// The address that was called, the proxy's if there is one; with `address_refused`, the one that was not.
    public var address: IPAddress?
    /// Whether the connection had served another call before.
    public var isReused: Bool?
    /// The version of HTTP that was answered with: `1.0`, `1.1`, `2` or `3`.
    public var httpVersion: String?
    /// Resolving the name.
    public var dnsMS: Int?
    /// Then connecting.
    public var connectMS: Int?
    /// Then the TLS handshake, with what a proxy took to connect.
    public var tlsMS: Int?
    /// From the request to the first byte of the answer.
    public var firstByteMS: Int?

    /// A trace of nothing.
    public init() {}

    /// The trace in a line for a person; `nil` if nothing was called.
    public var text: String? {
        guard let address else { return nil }
        let version = httpVersion.map { " by HTTP/\($0)" } ?? ""
        let times = [("dns", dnsMS), ("connect", connectMS), ("tls", tlsMS), ("first byte", firstByteMS)]
        var facts = times.compactMap { name, value in value.map { "\(name) \($0) ms" } }
        if isReused == true { facts.insert("a connection used before", at: 0) }
        return (["to \(address)\(version)"] + facts).joined(separator: ", ")
    }
}

extension AttemptRecord {
    /// What was refused, for a person who has to decide whether it is meant; `nil` unless it was `address_refused`.
    public var refusal: String? {
        guard error == .addressRefused, let address = trace.address else { return nil }
        let noun = AddressClass.of(address).map { ", \($0.noun)" } ?? ""
        return "address_refused: its host resolves to \(address)\(noun); if that is meant, name it in `allow`"
    }
}
