import Addresses
import Testing

@Suite("The text of an address")
struct IPAddressTests {
    @Test(
        "is read, and written in its canonical form",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
            ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("0:0:0:0:0:0:0:0", "::"), ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("::ffff:10.1.2.3", "::ffff:10.1.2.3"), ("::ffff:a01:203", "::ffff:10.1.2.3"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
            ("fe80::1234:5678:9abc:def0", "fe80::1234:5678:9abc:def0"),
        ])
    func read(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(
        "is refused in every form that two programs could read in two ways",
        arguments: [
            "", " ", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.256",
            "127.0.0.1.", "127.0.0", "127.0.0.1.2", "127.0.0.1 ", "+1.2.3.4", "1..2.3", "localhost", ":", ":::",
            "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
            "12345::", "g::", "+1::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "fe80::1%eth0", "[::1]", "::1/128",
            "1:2:3:4:5:6:7:1.2.3.4", "١.٢.٣.٤",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("the bytes of a socket address are the same address as the text")
    func bytes() {
        #expect(IPAddress(bytes: [10, 1, 2, 3]) == IPAddress("10.1.2.3"))
        let bytes: [UInt8] = [0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(IPAddress(bytes: bytes) == IPAddress("2001:db8::1"))
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
        #expect(IPAddress("::10.1.2.3") != IPAddress("10.1.2.3"))
    }

    @Test(
        "the IPv4 address behind an IPv6 form is known",
        arguments: [
            ("::ffff:10.1.2.3", "10.1.2.3"), ("64:ff9b::8.8.8.8", "8.8.8.8"), ("2002:a01:203::1", "10.1.2.3"),
        ])
    func embedded(text: String, inner: String) {
        #expect(IPAddress(text)?.embedded == IPAddress(inner))
    }

    @Test(
        "no other form has one",
        arguments: ["8.8.8.8", "::8.8.8.8", "64:ff9b:1::8.8.8.8", "64:ff9b::1:808:808", "2001::8.8.8.8"])
    func notEmbedded(text: String) {
        #expect(IPAddress(text)?.embedded == nil)
    }
}
