/// Which addresses may be called: all that are globally reachable, and those that the operator has named.
///
/// It judges what a name resolved to, at the moment of the call: a check of the name itself, or of an earlier lookup, is
/// fooled by a DNS server that answers differently the second time.
public struct AddressGuard: Sendable, Equatable {
    /// The blocks that may be called whatever they are.
    public let allowed: [AddressBlock]

    /// A guard that lets through only what is globally reachable, and these.
    public init(allowing allowed: [AddressBlock] = []) {
        self.allowed = allowed
    }

    /// What speaks against calling an address; `nil` if nothing does.
    ///
    /// A block of IPv4 addresses also allows the IPv6 forms that lead there.
    public func objection(to address: IPAddress) -> AddressClass? {
        if !allowed.isEmpty {
            let embedded = address.embedded
            for block in allowed where block.contains(address) || embedded.map(block.contains) ?? false { return nil }
        }
        return AddressClass.of(address)
    }
}
