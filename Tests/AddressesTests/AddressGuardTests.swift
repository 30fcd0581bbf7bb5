import Addresses
import Testing

@Suite("The address guard")
struct AddressGuardTests {
    private func objection(_ allowed: [String], _ address: String) throws -> AddressClass? {
        let blocks = try allowed.map { text throws(AddressBlockError) in try AddressBlock(text) }
        return AddressGuard(allowing: blocks).objection(to: try #require(IPAddress(address)))
    }

    @Test("lets through what is globally reachable, and refuses the rest by name")
    func standard() throws {
        #expect(try objection([], "8.8.8.8") == nil)
        #expect(try objection([], "2600::1") == nil)
        #expect(try objection([], "10.1.2.3") == .privateUse)
        #expect(try objection([], "::1") == .loopback)
    }

    @Test("lets through what is allowed, to the edge of the block and no further")
    func allowed() throws {
        for address in ["10.1.0.0", "10.1.255.255"] { #expect(try objection(["10.1.0.0/16"], address) == nil) }
        for address in ["10.0.255.255", "10.2.0.0"] { #expect(try objection(["10.1.0.0/16"], address) == .privateUse) }
        #expect(try objection(["::1", "10.1.2.3"], "10.1.2.3") == nil)
        #expect(try objection(["10.1.2.3"], "10.1.2.4") == .privateUse)
        #expect(try objection(["fd00::/65"], "fd00::7fff:ffff:ffff:ffff") == nil)
        #expect(try objection(["fd00::/65"], "fd00::8000:0:0:0") == .uniqueLocal)
        #expect(try objection(["fd00:0:0:8000::/49"], "fd00:0:0:7fff::") == .uniqueLocal)
    }

    @Test("a block of one family says nothing of the other, but IPv6 forms of IPv4 go with it")
    func families() throws {
        #expect(try objection(["0.0.0.0/0"], "127.0.0.1") == nil)
        #expect(try objection(["0.0.0.0/0"], "::1") == .loopback)
        #expect(try objection(["::/0"], "fe80::1") == nil)
        #expect(try objection(["::/0"], "10.0.0.1") == .privateUse)
        #expect(try objection(["10.0.0.0/8"], "::ffff:10.0.0.1") == nil)
        #expect(try objection(["10.0.0.0/8"], "64:ff9b::10.0.0.1") == nil)
        #expect(try objection(["10.0.0.0/8"], "64:ff9b::192.168.0.1") == .privateUse)
        #expect(try objection(["::ffff:10.0.0.0/104"], "::ffff:10.0.0.1") == nil)
    }

    @Test(
        "a text that is no block says what is wrong with it",
        arguments: [
            ("", AddressBlockError.notAnAddress), ("shop.example", .notAnAddress), ("/8", .notAnAddress),
            ("10.0.0/8", .notAnAddress), ("10.0.0.0/", .badLength), ("10.0.0.0/33", .badLength),
            ("10.0.0.0/-1", .badLength), ("10.0.0.0/+8", .badLength), ("10.0.0.0/8/8", .badLength),
            ("10.0.0.0/255.0.0.0", .badLength), ("::/129", .badLength), ("10.1.2.3/8", .bitsAfterLength),
            ("0.0.0.1/0", .bitsAfterLength), ("fd00::1/64", .bitsAfterLength), ("fd00:0:0:1::/48", .bitsAfterLength),
        ])
    func badBlocks(text: String, error: AddressBlockError) {
        #expect(throws: error) { () throws(AddressBlockError) in try AddressBlock(text) }
    }

    @Test("a block is written as it is read", arguments: ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fd00::/8", "::1/128"])
    func text(text: String) throws {
        #expect(try AddressBlock(text).description == text)
    }
}
