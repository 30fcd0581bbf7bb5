import Addresses
import JSON

/// Reading what a subscription file says of the way.
extension Route {
    /// The longest `allow`.
    static let maximumBlocks = 100

    static func read(_ object: JSONObject, url: String) throws(FieldProblem) -> Route {
        var route = Route()
        let allowed = try allowed(object)
        route.addresses = AddressGuard(allowing: allowed + written(in: url))
        route.clientCert = try Subscription.path("client_cert", in: object)
        route.clientKey = try Subscription.path("client_key", in: object)
        route.proxy = try proxy(object)
        guard route.clientKey == nil || route.clientCert != nil else {
            throw FieldProblem("client_key", "stands without `client_cert`", "add the certificate, or remove the key")
        }
        guard route.clientCert == nil || url.prefix(8).lowercased() == "https://" else {
            throw FieldProblem(
                "client_cert", "has no use with an http URL, to which no certificate is shown",
                "write the URL with https, or remove the certificate")
        }
        return route
    }

    /// What the operator wrote as an address is meant, and what he wrote as the unspecified one the kernel takes for
    /// loopback. `localhost` and all below it never leave the machine (RFC 6761, section 6.3), and libcurl resolves them
    /// without asking anybody.
    private static func written(in url: String) -> [AddressBlock] {
        let host = WebhookURL.host(of: url)
        if let address = IPAddress(String(host)) {
            return [AddressBlock(address)] + (AddressClass.of(address) == .unspecified ? loopback : [])
        }
        let name = (host.hasSuffix(".") ? host.dropLast() : host).lowercased()
        return name == "localhost" || name.hasSuffix(".localhost") ? loopback : []
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { try? AddressBlock($0) }

    private static func allowed(_ object: JSONObject) throws(FieldProblem) -> [AddressBlock] {
        guard let value = object["allow"] else { return [] }
        guard let list = value.array else {
            throw FieldProblem("allow", "is \(value.kindName), not a list", "write [\"10.0.0.0/8\"]")
        }
        guard list.count <= maximumBlocks else {
            throw FieldProblem("allow", "has more than \(maximumBlocks) blocks", "write fewer and larger ones")
        }
        var blocks: [AddressBlock] = []
        for (index, item) in list.enumerated() {
            let field = "allow[\(index)]"
            let text = try item.text(field, like: "10.0.0.0/8")
            do throws(AddressBlockError) {
                blocks.append(try AddressBlock(text))
            } catch {
                throw problem(field, error)
            }
        }
        return blocks
    }

    private static func problem(_ field: String, _ error: AddressBlockError) -> FieldProblem {
        switch error {
        case .notAnAddress:
            FieldProblem(
                field, "is not a block of addresses", "write one like 10.0.0.0/8, fd00::/8 or 10.1.2.3; names can't be")
        case .badLength:
            FieldProblem(
                field, "has a length that is not a number of bits", "write 0 to 32 after the slash, or to 128 for IPv6")
        case .bitsAfterLength:
            FieldProblem(
                field, "has bits set after its length, so it is not clear what is meant",
                "write the first address of the block, like 10.0.0.0/8, or no length for a single address")
        }
    }

    private static func proxy(_ object: JSONObject) throws(FieldProblem) -> String? {
        let example = "http://proxy.example:3128"
        guard let text = try object["proxy"]?.text("proxy", like: example) else { return nil }
        if let (problem, fix) = WebhookURL.problem(text) {
            let isUser = problem.contains("user name")
            throw FieldProblem("proxy", problem, isUser ? "remove it; such proxies are not supported" : fix)
        }
        let authority = text.dropFirst("http://".count)
        guard text.prefix(7).lowercased() == "http://", !authority.utf8.contains(where: { "/?#".utf8.contains($0) })
        else {
            throw FieldProblem("proxy", "is not http://, a host and a port", "write it like \(example)")
        }
        // The URL is in order, so what follows the host can only be a port. Without one libcurl takes 1080.
        let host = WebhookURL.host(of: text).utf8.count + (authority.hasPrefix("[") ? 2 : 0)
        guard authority.utf8.count > host else {
            throw FieldProblem("proxy", "has no port", "write it like \(example)")
        }
        return text
    }
}
