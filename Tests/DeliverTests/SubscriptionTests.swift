import Deliver
import Testing

@Suite struct SubscriptionTests {
    struct NoFile: Error, CustomStringConvertible { let description = "No such file or directory" }

    static func read(
        _ text: String, name: String = "shop", secretFile: [UInt8]? = nil
    ) throws(SubscriptionError) -> Subscription {
        try Subscription.read(name: name, bytes: Array(text.utf8)) { _ in
            guard let secretFile else { throw NoFile() }
            return secretFile
        }
    }

    /// A subscription whose one further member is `member`.
    static func reading(_ member: String, secretFile: [UInt8]? = nil) throws(SubscriptionError) -> Subscription {
        try read(#"{"url":"https://shop.example/hooks",\#(member)}"#, secretFile: secretFile)
    }

    @Test("a URL is enough")
    func minimal() throws {
        let subscription = try Self.read(#"{"url":"https://shop.example/hooks"}"#)
        #expect(subscription == Subscription(name: "shop", url: "https://shop.example/hooks"))
        #expect(subscription.timeout == .seconds(15))
        #expect(subscription.concurrency == 64)
        #expect(subscription.retry == .standard)
        #expect(subscription.signing == .none)
        #expect(subscription.hears("invoice.processed"))
        #expect(!subscription.hears("operator.disk_low"))
    }

    @Test("every field is taken as written")
    func full() throws {
        let text = """
            {"url": "http://shop.example:8080/", "events": ["invoice.processed", "subscription.*"], "secret": "\(vectorSecret)",
             "headers": {"Authorization": "Bearer abc", "X-Tenant": "7"}, "timeout": "200ms", "retry": ["1s", "0s", "30d"],
             "concurrency": 1, "ca_file": "/etc/ca.pem"}
            """
        let expected = Subscription(
            name: "shop", url: "http://shop.example:8080/",
            events: [EventPattern("invoice.processed"), EventPattern("subscription.*")].compactMap { $0 },
            secret: try SigningSecret(vectorSecret),
            headers: [
                HeaderField(name: "Authorization", value: "Bearer abc"), HeaderField(name: "X-Tenant", value: "7"),
            ],
            timeout: .milliseconds(200), retry: RetrySchedule(waits: [.seconds(1), .zero, .seconds(30 * 86_400)]),
            concurrency: 1, caFile: "/etc/ca.pem")
        #expect(try Self.read(text) == expected)
    }

    @Test("a computed schedule is taken, with what it leaves out filled in")
    func exponential() throws {
        let full = try Self.reading(
            #""retry":{"max_attempts":4,"base":"5s","factor":2.5,"cap":"20s","jitter":0.5}"#)
        #expect(full.retry.waits == [.seconds(5), .milliseconds(12_500), .seconds(20)])
        #expect(full.retry.jitterFraction == 0.5)
        let sparse = try Self.reading(#""retry":{}"#).retry
        #expect(sparse.maximumAttempts == 10)
        #expect(sparse.waits.first == .seconds(5))
        #expect(sparse.waits.last == .seconds(1280))
        #expect(try Self.reading(#""retry":[]"#).retry.maximumAttempts == 1)
        #expect(try Self.reading(#""retry":{"base":"2h"}"#).retry.waits.last == .seconds(7200))
    }

    @Test("a secret may stand in a file, whose last newline does not count")
    func secretFile() throws {
        let subscription = try Subscription.read(
            name: "shop", bytes: Array(#"{"url":"https://a.example","secret_file":"keys/shop"}"#.utf8)
        ) { path in
            #expect(path == "keys/shop")
            return Array("\(vectorSecret)\r\n".utf8)
        }
        #expect(try subscription.signing == Signing([Signing.Entry(.shared(SigningSecret(vectorSecret)))]))
    }

    @Test(
        "URLs that libcurl and people agree on are taken",
        arguments: [
            "http://localhost", "HTTPS://Shop.Example:443/a?b=c@d#e", "http://[::1]:8080/x", "http://10.0.0.1/",
            "https://xn--mller-kva.example/", "http://shop_internal:65535", "https://a.example./p?x=http://b",
            "http://1.example/", "http://0x7f.example/", "http://127.0.0.1.example/", "http://[::ffff:10.0.0.1]/",
        ])
    func urls(url: String) throws {
        #expect(try Self.read(#"{"url":"\#(url)"}"#).url == url)
    }

    @Test("names that a file can have and a log can carry", arguments: ["shop", "Shop-2.eu", "7", "a@b.example"])
    func names(name: String) throws {
        #expect(try Self.read(#"{"url":"https://a.example"}"#, name: name).name == name)
        #expect(Subscription.isValid(name: name))
    }
}
