import Addresses
import Deliver
import Testing

@Suite("The way to a subscriber")
struct RouteTests {
    private func route(_ url: String, _ members: String = "") throws(SubscriptionError) -> Route {
        try SubscriptionTests.read(#"{"url":"\#(url)"\#(members.isEmpty ? "" : ",")\#(members)}"#).route
    }

    private func error(_ members: String, url: String = "https://shop.example/") throws -> SubscriptionError {
        try #require(throws: SubscriptionError.self) { () throws(SubscriptionError) in try route(url, members) }
    }

    @Test("leads by itself to what is globally reachable, without a proxy and a certificate")
    func standard() throws {
        #expect(try route("https://shop.example/") == Route())
        #expect(Route().addresses == AddressGuard())
        #expect(Route().proxy == nil && Route().clientCert == nil && Route().clientKey == nil)
    }

    @Test(
        "an address that the operator wrote is meant, and no other is",
        arguments: [
            ("http://10.1.2.3/", "10.1.2.3", "10.1.2.4"), ("https://127.0.0.1:8080/x", "127.0.0.1", "127.0.0.2"),
            ("http://[fd00::1]:80", "fd00::1", "fd00::2"), ("http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1", "10.0.0.1"),
            ("http://169.254.169.254?x", "169.254.169.254", "169.254.169.253"),
            ("http://0.0.0.0/", "127.0.0.1", "10.0.0.1"), ("http://localhost/", "127.0.0.1", "10.0.0.1"),
            ("http://LOCALHOST.:80/", "::1", "fd00::1"),
            ("http://a.localhost", "127.9.9.9", "0.0.0.0"),
        ])
    func written(url: String, address: String, other: String) throws {
        let guarded = try route(url).addresses
        #expect(guarded.objection(to: try #require(IPAddress(address))) == nil)
        #expect(guarded.objection(to: try #require(IPAddress(other))) != nil)
    }

    @Test(
        "a name that only looks local, or has an address in another part, allows nothing",
        arguments: [
            "http://notlocalhost/", "http://localhost.example/", "http://shop.example/127.0.0.1",
            "http://a.b/?127.0.0.1",
            "http://127.0.0.1.nip.example/", "http://shop.example#@127.0.0.1",
        ])
    func names(url: String) throws {
        #expect(try route(url).addresses == AddressGuard())
    }

    @Test("what `allow` names is allowed, beside what the URL says")
    func allow() throws {
        let route = try route("http://10.9.9.9/", #""allow":["10.1.0.0/16","fd00::/8","192.168.1.7"]"#)
        for text in ["10.1.2.3", "fd12::1", "192.168.1.7", "10.9.9.9"] {
            #expect(route.addresses.objection(to: try #require(IPAddress(text))) == nil)
        }
        #expect(route.addresses.objection(to: try #require(IPAddress("192.168.1.8"))) == .privateUse)
        #expect(try self.route("http://a.example", #""allow":[]"#).addresses == AddressGuard())
    }

    @Test("a certificate and its key, and a proxy, are taken as written")
    func files() throws {
        let route = try route(
            "https://shop.example",
            #""client_cert":"shop.pem","client_key":"/etc/shop.key","proxy":"http://proxy.example:3128""#)
        #expect(route.clientCert == "shop.pem")
        #expect(route.clientKey == "/etc/shop.key")
        #expect(route.proxy == "http://proxy.example:3128")
        #expect(try self.route("https://a.example", #""client_cert":"both.pem""#).clientKey == nil)
        for proxy in ["http://[::1]:3128", "HTTP://10.0.0.1:80"] {
            #expect(try self.route("http://a.example", #""proxy":"\#(proxy)""#).proxy == proxy)
        }
    }

    @Test(
        "a bad value is refused by name",
        arguments: [
            ("allow", #""10.0.0.0/8""#), ("allow", "{}"), ("allow[0]", "[7]"),
            ("allow[1]", #"["::/0","shop.example"]"#),
            ("allow[0]", #"["10.0.0.0/33"]"#), ("allow[0]", #"["10.1.2.3/8"]"#), ("allow[0]", #"["0x0a000000/8"]"#),
            ("client_cert", "true"), ("client_cert", #""""#), ("client_key", #""key.pem""#),
            ("proxy", "3128"), ("proxy", #""""#), ("proxy", #""proxy.example:3128""#),
            ("proxy", #""https://proxy.example:3128""#), ("proxy", #""socks5://proxy.example:1080""#),
            ("proxy", #""http://proxy.example""#), ("proxy", #""http://[::1]""#),
            ("proxy", #""http://proxy.example:3128/""#), ("proxy", #""http://proxy.example:3128?x""#),
            ("proxy", #""http://a:b@proxy.example:3128""#), ("proxy", #""http://2130706433:3128""#),
        ])
    func badValues(field: String, value: String) throws {
        let top = String(field.prefix { $0 != "[" })
        let error = try error(#""\#(top)":\#(value)"#)
        #expect(error.field == field)
        #expect(!error.description.contains("a:b"))
    }

    @Test("`allow` is bounded")
    func bounded() throws {
        let blocks = (0...100).map { #""10.0.0.\#($0)""# }.joined(separator: ",")
        #expect(try error(#""allow":[\#(blocks)]"#).field == "allow")
    }

    @Test("a certificate that would never be shown is an error, not a setting that does nothing")
    func certificateWithoutTLS() throws {
        let error = try error(#""client_cert":"shop.pem""#, url: "http://shop.example/")
        #expect(error.field == "client_cert")
        #expect(error.problem.contains("http URL"))
    }
}
