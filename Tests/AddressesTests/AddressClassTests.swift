import Addresses
import Testing

@Suite("The class of an address")
struct AddressClassTests {
    /// Blocks of the registries: the first and the last address, and the class of both.
    private static let blocks: [(String, String, AddressClass)] = [
        ("0.0.0.1", "0.255.255.255", .thisNetwork),
        ("10.0.0.0", "10.255.255.255", .privateUse),
        ("100.64.0.0", "100.127.255.255", .carrierGrade),
        ("127.0.0.0", "127.255.255.255", .loopback),
        ("169.254.0.0", "169.254.255.255", .linkLocal),
        ("172.16.0.0", "172.31.255.255", .privateUse),
        ("192.0.0.0", "192.0.0.255", .protocolAssignment),
        ("192.0.2.0", "192.0.2.255", .documentation),
        ("192.88.99.0", "192.88.99.255", .reserved),
        ("192.168.0.0", "192.168.255.255", .privateUse),
        ("198.18.0.0", "198.19.255.255", .benchmarking),
        ("198.51.100.0", "198.51.100.255", .documentation),
        ("203.0.113.0", "203.0.113.255", .documentation),
        ("224.0.0.0", "239.255.255.255", .multicast),
        ("240.0.0.0", "255.255.255.254", .reserved),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", .localTranslation),
        ("100::", "100::ffff:ffff:ffff:ffff", .discard),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", .protocolAssignment),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", .documentation),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", .documentation),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .uniqueLocal),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .linkLocal),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .siteLocal),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .multicast),
    ]

    @Test("holds at both ends of each block", arguments: blocks)
    func ends(first: String, last: String, kind: AddressClass) throws {
        for text in [first, last] {
            let address = try #require(IPAddress(text))
            #expect(AddressClass.of(address) == kind, "\(text)")
        }
    }

    @Test(
        "single addresses are what their registry or their cloud says",
        arguments: [
            ("0.0.0.0", AddressClass.unspecified), ("255.255.255.255", .broadcast), ("::", .unspecified),
            ("::1", .loopback), ("169.254.169.254", .metadata), ("169.254.170.2", .metadata),
            ("100.100.100.200", .metadata), ("192.0.0.192", .metadata), ("168.63.129.16", .metadata),
            ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata),
        ])
    func single(text: String, kind: AddressClass) throws {
        #expect(AddressClass.of(try #require(IPAddress(text))) == kind)
    }

    @Test(
        "nothing is said of what is globally reachable, up to the edges of the blocks",
        arguments: [
            "1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
            "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255",
            "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.31.196.1", "192.52.193.1", "192.88.98.255",
            "192.88.100.0", "192.167.255.255", "192.169.0.0", "192.175.48.1", "198.17.255.255", "198.20.0.0",
            "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2000::",
            "2001:200::1", "2001:db7:ffff::1", "2001:db9::", "2003::1", "2600::1", "2620:4f:8000::1",
            "2a00:1450:4001::1", "3ffe:ffff::1", "3fff:1000::",
        ])
    func global(text: String) throws {
        #expect(AddressClass.of(try #require(IPAddress(text))) == nil)
    }

    @Test(
        "IPv6 that is not global unicast is reserved, whatever it may become",
        arguments: [
            "::2", "::8.8.8.8", "::fffe:1.2.3.4", "::ffff:0:8.8.8.8", "64:ff9a::1", "64:ff9b::1:808:808", "100:0:0:1::",
            "200::1", "400::", "1fff:ffff::", "4000::", "5f00::1", "8000::1", "e000::", "fbff::1", "fe00::1",
        ])
    func unallocated(text: String) throws {
        #expect(AddressClass.of(try #require(IPAddress(text))) == .reserved)
    }

    @Test(
        "an IPv6 form of an IPv4 address is what that one is",
        arguments: [
            ("::ffff:10.0.0.1", AddressClass.privateUse), ("::ffff:127.0.0.1", .loopback), ("::ffff:8.8.8.8", nil),
            ("64:ff9b::169.254.169.254", .metadata), ("64:ff9b::100.64.0.1", .carrierGrade), ("64:ff9b::8.8.8.8", nil),
            ("2002:7f00:1::", .loopback), ("2002:c0a8:101::1", .privateUse), ("2002:808:808::1", nil),
        ] as [(String, AddressClass?)])
    func embedded(text: String, kind: AddressClass?) throws {
        #expect(AddressClass.of(try #require(IPAddress(text))) == kind)
    }

    @Test("each has a noun that goes on a sentence", arguments: AddressClass.allCases)
    func nouns(kind: AddressClass) {
        #expect(kind.noun.hasPrefix("a ") || kind.noun.hasPrefix("an ") || kind.noun.hasPrefix("the "))
    }
}
