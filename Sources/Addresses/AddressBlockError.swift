/// Why a text is no block of addresses.
public enum AddressBlockError: Error, Sendable, Equatable {
    /// What comes before the slash is no IPv4 or IPv6 address.
    case notAnAddress
    /// What comes after the slash is no number of bits that such an address has.
    case badLength
    /// The address has bits set after its length, so it isn't the first of the block.
    case bitsAfterLength
}
