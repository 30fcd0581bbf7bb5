import Deliver
import Testing

@Suite struct SigningSecretTests {
    @Test("the vector of the Standard Webhooks specification is signed as its libraries sign it")
    func vector() throws {
        let signature = try SigningSecret(vectorSecret).signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    /// Computed with Python: hmac.new(base64.b64decode(...), body, "sha256").hexdigest().
    @Test("the body's own signature is the HMAC under the decoded bytes, in hexadecimal")
    func bodySignature() throws {
        let signature = try SigningSecret(vectorSecret).bodySignature(Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "sha256=e2cb4f5251572539d458bfb8a7adb533b08801e6a794467e06f771debbb0818b")
    }

    @Test(
        "a secret that is weak or sloppy is refused, with the reason",
        arguments: [
            ("", SigningSecretError.empty),
            ("hunter2hunter2hunter2hunter2hunter2", .prefix),
            ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .prefix),
            (" whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .prefix),
            ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .prefix),
            ("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .publicKey),
            ("whsec_", .short),
            ("whsec_AAAA", .short),
            ("whsec_" + String(repeating: "A", count: 28) + "AA==", .short),
            ("whsec_" + String(repeating: "A", count: 88), .long),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB==", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAB=", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwA===", .base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZI==o2LaLaSwAA", .base64),
            ("whsec_====", .base64),
        ])
    func refused(text: String, reason: SigningSecretError) {
        #expect(throws: reason) { try SigningSecret(text) }
    }

    @Test("24 to 64 bytes are taken, with every length of padding")
    func lengths() throws {
        _ = try SigningSecret("whsec_" + String(repeating: "A", count: 32))
        _ = try SigningSecret("whsec_" + String(repeating: "A", count: 32) + "AA==")
        _ = try SigningSecret("whsec_" + String(repeating: "A", count: 32) + "AAA=")
        _ = try SigningSecret("whsec_" + String(repeating: "A", count: 84) + "AA==")
    }

    @Test("a new secret can be read back and is new each time")
    func generate() throws {
        let secrets = (0..<20).map { _ in SigningSecret.generate() }
        for secret in secrets { _ = try SigningSecret(secret) }
        #expect(Set(secrets).count == 20)
        #expect(secrets.allSatisfy { $0.utf8.count == 6 + 44 })
    }

    @Test("a secret shows itself neither in text nor in a dump, alone or inside a subscription")
    func hidden() throws {
        let subscription = Subscription(
            name: "shop", url: "https://a.example", secret: try SigningSecret(vectorSecret),
            headers: [HeaderField(name: "Authorization", value: "Bearer t0psecret")])
        var dumped = ""
        dump(subscription, to: &dumped)
        for text in ["\(subscription)", String(reflecting: subscription), dumped] {
            #expect(text.contains("shop"))
            #expect(!text.contains("MfKQ9r8G"))
            #expect(!text.contains("t0psecret"))
        }
        for error in SigningSecretError.allCases { #expect(error.description.hasSuffix(".")) }
    }
}
