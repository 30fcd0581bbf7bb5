/// An IPv4 or IPv6 address, without a port or a zone.
public struct IPAddress: Sendable, Hashable {
    /// Whether it has 16 bytes and not 4.
    public let isV6: Bool
    /// The first eight bytes of an IPv6 address; 0 for IPv4.
    let high: UInt64
    /// The last eight bytes of an IPv6 address; an IPv4 address in the last four.
    let low: UInt64

    /// The IPv4 address of this number: 0x7F000001 is 127.0.0.1.
    public init(v4: UInt32) {
        self.init(isV6: false, high: 0, low: UInt64(v4))
    }

    /// The address of these bytes in network order; `nil` unless they are 4 or 16.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        func number(_ part: some Collection<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(isV6: bytes.count == 16, high: number(bytes.dropLast(8)), low: number(bytes.suffix(8)))
    }

    init(isV6: Bool, high: UInt64, low: UInt64) {
        self.isV6 = isV6
        self.high = high
        self.low = low
    }

    /// The IPv4 address that a call to this one really goes to, for the three forms of which that is known: IPv4-mapped
    /// (RFC 4291, 2.5.5.2), the well-known prefix of NAT64 (RFC 6052, 2.1) and 6to4 (RFC 3056).
    public var embedded: IPAddress? {
        guard isV6 else { return nil }
        if high == 0, low >> 32 == 0xFFFF { return IPAddress(v4: UInt32(truncatingIfNeeded: low)) }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return IPAddress(v4: UInt32(truncatingIfNeeded: low)) }
        if high >> 48 == 0x2002 { return IPAddress(v4: UInt32(truncatingIfNeeded: high >> 16)) }
        return nil
    }
}
