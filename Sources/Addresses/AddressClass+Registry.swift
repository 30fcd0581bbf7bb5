extension AddressClass {
    /// The class of an address that is not globally reachable; `nil` for one that is.
    ///
    /// By IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890, RFC 8190), of multicast and of IPv6
    /// address space, as of 2025, with these choices: an address that stands for an IPv4 address is what that one is;
    /// the few anycast services inside 192.0.0.0/24 and 2001::/23 count as the block around them, for no webhook is
    /// received there; and the addresses at which clouds hand credentials to whoever asks are named, one of which
    /// (168.63.129.16) looks like any other.
    public static func of(_ address: IPAddress) -> AddressClass? {
        if let embedded = address.embedded { return of(embedded) }
        if let entry = (address.isV6 ? v6 : v4).first(where: { $0.block.contains(address) }) { return entry.kind }
        // Nothing outside 2000::/3 has been allocated for global unicast.
        return address.isV6 && address.high >> 61 != 1 ? .reserved : nil
    }

    private struct Entry {
        let block: AddressBlock
        let kind: AddressClass
    }

    // The first that fits counts, so the special ones stand before the block around them.
    private static let v4: [Entry] = [
        entry(0, 0, 0, 0, 32, .unspecified),
        entry(0, 0, 0, 0, 8, .thisNetwork),
        entry(10, 0, 0, 0, 8, .privateUse),
        entry(100, 100, 100, 200, 32, .metadata),  // Alibaba
        entry(100, 64, 0, 0, 10, .carrierGrade),
        entry(127, 0, 0, 0, 8, .loopback),
        entry(168, 63, 129, 16, 32, .metadata),  // Azure's wire server
        entry(169, 254, 169, 254, 32, .metadata),  // AWS, Google, Azure and most others
        entry(169, 254, 170, 2, 32, .metadata),  // AWS, to containers
        entry(169, 254, 0, 0, 16, .linkLocal),
        entry(172, 16, 0, 0, 12, .privateUse),
        entry(192, 0, 0, 192, 32, .metadata),  // Oracle
        entry(192, 0, 0, 0, 24, .protocolAssignment),
        entry(192, 0, 2, 0, 24, .documentation),
        entry(192, 88, 99, 0, 24, .reserved),  // relays of 6to4, deprecated
        entry(192, 168, 0, 0, 16, .privateUse),
        entry(198, 18, 0, 0, 15, .benchmarking),
        entry(198, 51, 100, 0, 24, .documentation),
        entry(203, 0, 113, 0, 24, .documentation),
        entry(224, 0, 0, 0, 4, .multicast),
        entry(255, 255, 255, 255, 32, .broadcast),
        entry(240, 0, 0, 0, 4, .reserved),
    ]

    private static let v6: [Entry] = [
        entry([], 128, .unspecified),
        entry([0, 0, 0, 0, 0, 0, 0, 1], 128, .loopback),
        entry([0x64, 0xFF9B, 1], 48, .localTranslation),
        entry([0x100], 64, .discard),
        entry([0x2001], 23, .protocolAssignment),  // Teredo and ORCHID among them
        entry([0x2001, 0xDB8], 32, .documentation),
        entry([0x3FFF], 20, .documentation),
        entry([0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x254], 128, .metadata),  // AWS
        entry([0xFD20, 0xCE, 0, 0, 0, 0, 0, 0x254], 128, .metadata),  // Google
        entry([0xFC00], 7, .uniqueLocal),
        entry([0xFE80], 10, .linkLocal),
        entry([0xFEC0], 10, .siteLocal),
        entry([0xFF00], 8, .multicast),
    ]

    private static func entry(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ length: Int, _ kind: AddressClass
    ) -> Entry {
        let address = IPAddress(v4: a << 24 | b << 16 | c << 8 | d)
        return Entry(block: AddressBlock(first: address, length: length), kind: kind)
    }

    /// Groups left out at the end are zero.
    private static func entry(_ groups: [UInt64], _ length: Int, _ kind: AddressClass) -> Entry {
        var halves: [UInt64] = [0, 0]
        for (index, group) in groups.enumerated() { halves[index / 4] |= group << UInt64(48 - 16 * (index % 4)) }
        let address = IPAddress(isV6: true, high: halves[0], low: halves[1])
        return Entry(block: AddressBlock(first: address, length: length), kind: kind)
    }
}
