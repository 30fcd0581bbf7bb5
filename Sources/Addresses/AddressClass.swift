/// Why an address can't be reached from anywhere in the Internet, and so is not one of a receiver out there.
public enum AddressClass: String, Sendable, CaseIterable {
    case unspecified
    case thisNetwork
    case loopback
    case privateUse
    case uniqueLocal
    case linkLocal
    case siteLocal
    case carrierGrade
    case metadata
    case protocolAssignment
    case documentation
    case benchmarking
    case discard
    case localTranslation
    case multicast
    case broadcast
    case reserved

    /// What such an address is, to follow "resolves to 10.1.2.3,".
    public var noun: String {
        switch self {
        case .unspecified: "the unspecified address"
        case .thisNetwork: "an address of \"this network\""
        case .loopback: "a loopback address"
        case .privateUse: "a private address"
        case .uniqueLocal: "a unique local (private) address"
        case .linkLocal: "a link-local address"
        case .siteLocal: "a site-local address"
        case .carrierGrade: "an address behind a carrier's NAT"
        case .metadata: "the address of a cloud's metadata service"
        case .protocolAssignment: "an address set aside for protocols"
        case .documentation: "an address for documentation only"
        case .benchmarking: "an address for benchmarks only"
        case .discard: "an address that discards everything"
        case .localTranslation: "an address of local NAT64"
        case .multicast: "a multicast address"
        case .broadcast: "the broadcast address"
        case .reserved: "a reserved address"
        }
    }
}
