/// All addresses that begin with the same bits, in CIDR notation: `10.0.0.0/8`, `fd00::/8`.
public struct AddressBlock: Sendable, Hashable {
    /// The first address of the block.
    public let first: IPAddress
    /// How many bits its addresses share: 0 to 32, or to 128 for IPv6.
    public let length: Int

    /// The block of one address.
    public init(_ address: IPAddress) {
        first = address
        length = address.isV6 ? 128 : 32
    }

    /// Reads `ADDRESS/LENGTH`, or an address alone, which is a block of one.
    public init(_ text: String) throws(AddressBlockError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { throw .notAnAddress }
        guard parts.count == 2 else {
            self.init(address)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), length <= (address.isV6 ? 128 : 32)
        else { throw .badLength }
        let block = AddressBlock(first: address, length: length)
        // 10.1.2.3/8 may mean the one address or all of 10.0.0.0/8.
        guard address.high & ~block.mask.high == 0, address.low & ~block.mask.low == 0 else { throw .bitsAfterLength }
        self = block
    }

    init(first: IPAddress, length: Int) {
        self.first = first
        self.length = length
    }

    /// Whether the address is one of the block; an IPv4 block has no IPv6 addresses, and the other way round.
    public func contains(_ address: IPAddress) -> Bool {
        let mask = mask
        return address.isV6 == first.isV6 && (address.high ^ first.high) & mask.high == 0
            && (address.low ^ first.low) & mask.low == 0
    }

    /// Ones where the bits have to be equal.
    private var mask: (high: UInt64, low: UInt64) {
        let bits = first.isV6 ? length : length + 96
        func ones(_ count: Int) -> UInt64 { count <= 0 ? 0 : ~0 << UInt64(64 - min(64, count)) }
        return first.isV6 ? (ones(bits), ones(bits - 64)) : (~0, ones(bits - 64))
    }
}

extension AddressBlock: CustomStringConvertible {
    public var description: String { "\(first)/\(length)" }
}
