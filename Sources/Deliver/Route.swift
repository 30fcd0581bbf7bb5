public import Addresses

/// The way to a subscriber: which addresses may be called, through which proxy, and with which certificate.
public struct Route: Sendable, Equatable {
    /// Which addresses the URL's host may stand for: those that are globally reachable, those that `allow` names, and the
    /// one that the URL itself has instead of a name.
    public internal(set) var addresses = AddressGuard()
    /// A file with a client certificate, the path as written.
    public internal(set) var clientCert: String?
    /// A file with its key, the path as written; `nil` if the certificate's file has it.
    public internal(set) var clientKey: String?
    /// A forward proxy, `http://HOST:PORT`. The environment is not asked.
    public internal(set) var proxy: String?

    /// No proxy, no certificate, and no address that is not globally reachable.
    public init() {}
}
