import Crypto
import Deliver
import TestSupport
import Testing
import Times

@Suite("The keys of a subscription")
struct SigningTests {
    private let body = Array(#"{"test": 2432232314}"#.utf8)
    /// RFC 8032, section 7.1, test 1: the seed and its public key.
    private let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
    private let publicHalf = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

    private func shared(_ byte: UInt8) throws -> String {
        "whsec_" + ["A", "B", "C"].map { String(repeating: $0, count: 12) }.joined() + (byte == 0 ? "AAAA" : "BBBB")
    }

    private func headers(_ member: String, at now: Timestamp = noon) throws -> [String: String] {
        let subscription = try SubscriptionTests.reading(member)
        let headers = WebhookHeaders.make(
            subscription: subscription, event: "invoice.processed", deliveryID: "dlv_1", attempt: 1, body: body,
            now: now, version: "1")
        return Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
    }

    @Test("all that are in force sign, and the first makes X-Signature")
    func several() throws {
        let (old, new) = (try shared(0), try shared(1))
        let found = try headers(#""secret":["\#(new)",{"secret":"\#(old)","not_after":"2027-01-01T00:00:00Z"}]"#)
        let signatures = try [new, old].map {
            try SigningSecret($0).signature(id: "dlv_1", timestamp: noon.unixSeconds, body: body)
        }
        #expect(found["webhook-signature"] == signatures.joined(separator: " "))
        #expect(try found["X-Signature"] == SigningSecret(new).bodySignature(body))
    }

    @Test("one signs from its first moment to its last, both included")
    func window() throws {
        let subscription = try SubscriptionTests.reading(
            #""secret":{"secret":"\#(try shared(0))","not_before":"2026-01-01","not_after":"2026-01-02"}"#)
        let (first, last) = (
            try #require(Timestamp(iso8601: "2026-01-01")), try #require(Timestamp(iso8601: "2026-01-02"))
        )
        let signing = subscription.signing
        for (moment, isIn) in [
            (first - .nanoseconds(1), false), (first, true), (last, true), (last + .nanoseconds(1), false),
        ] {
            #expect(signing.entries[0].isInForce(at: moment) == isIn)
            #expect((signing.lapse(of: "s", at: moment) == nil) == isIn)
        }
        #expect(signing.nextChange(after: first - .seconds(9)) == first)
        #expect(signing.nextChange(after: first) == last + .nanoseconds(1))
        #expect(signing.nextChange(after: last + .nanoseconds(1)) == nil)
        let early = signing.lapse(of: "s", at: first - .seconds(1))
        #expect(early?.description.contains("before 2026-01-01T00:00:00.000Z") == true)
        let late = signing.lapse(of: "s", at: last + .seconds(1))
        #expect(late?.description.contains("since 2026-01-02T00:00:00.000Z") == true)
    }

    @Test("without one in force a webhook is never sent unsigned")
    func neverUnsigned() throws {
        let found = try headers(#""secret":{"secret":"\#(try shared(0))","not_after":"2020-01-01"}"#)
        #expect(found["webhook-signature"] != nil && found["X-Signature"] != nil)
    }

    @Test("without any nothing lapses")
    func none() {
        #expect(Signing.none.lapse(of: "s", at: noon) == nil && Signing.none.nextChange(after: noon) == nil)
    }

    @Test(
        "a key pair signs as version v1a over the same bytes, and alone makes no X-Signature", arguments: [true, false])
    func pair(isLong: Bool) throws {
        let halves = try [seed, publicHalf].map { try bytes($0) }
        let key = "whsk_" + (isLong ? text(halves[0] + halves[1]) : seed)
        let found = try headers(#""secret":"\#(key)""#)
        #expect(found["X-Signature"] == nil)
        let parts = try #require(found["webhook-signature"]).split(separator: ",")
        #expect(parts.count == 2 && parts[0] == "v1a")
        let publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: halves[1])
        let signed = Array("dlv_1.\(noon.unixSeconds).".utf8) + body
        #expect(publicKey.isValidSignature(try bytes(String(parts[1])), for: signed))
        #expect(try SigningKeyPair(key).publicKey == "whpk_" + publicHalf)
    }

    @Test("a pair and a secret sign side by side")
    func mixed() throws {
        let found = try headers(#""secret":["whsk_\#(seed)","\#(try shared(0))"]"#)
        let versions = found["webhook-signature"]?.split(separator: " ").map { $0.prefix { $0 != "," } }
        #expect(versions == ["v1a", "v1"])
        #expect(try found["X-Signature"] == SigningSecret(try shared(0)).bodySignature(body))
    }

    @Test("what is no private key is refused with the reason")
    func refusedPairs() throws {
        let wrong = text(try bytes(seed) + (try bytes(seed)))
        for (key, reason) in [
            ("whsk_" + text(Array(repeating: 1, count: 31)), SigningSecretError.seed), ("whsk_", .seed),
            ("whsk_" + wrong, .mismatch), ("whsk_" + seed.dropLast(), .base64), ("whpk_" + publicHalf, .publicKey),
            ("whsec_" + seed, .prefix), ("", .empty),
        ] {
            #expect(throws: reason) { try SigningKeyPair(key) }
        }
    }

    @Test("a new pair can be read, and shows its public half only")
    func generate() throws {
        let text = SigningKeyPair.generate()
        let pair = try SigningKeyPair(text)
        var dumped = ""
        dump(try SubscriptionTests.reading(#""secret":"\#(text)""#), to: &dumped)
        #expect(!dumped.contains(text.dropFirst(5)) && !"\(pair)".contains(text.dropFirst(5)))
        #expect(dumped.contains(pair.publicKey) && "\(pair)".contains(pair.publicKey))
    }

    @Test("each may stand in a file of its own, which is read in turn")
    func files() throws {
        var asked: [String] = []
        let text = #"{"url":"http://h","secret_file":["a",{"secret_file":"b","not_before":"2026-01-01"}]}"#
        let subscription = try Subscription.read(name: "s", bytes: Array(text.utf8)) { path in
            asked.append(path)
            return Array((path == "a" ? vectorSecret : "whsk_" + seed).utf8)
        }
        #expect(asked == ["a", "b"])
        #expect(subscription.signing.entries.map(\.publicKey) == [nil, "whpk_" + publicHalf])
        #expect(subscription.signing.entries.map { $0.notBefore == nil } == [true, false])
    }

    private func bytes(_ base64: String) throws -> [UInt8] {
        try #require(Base64Probe.bytes(base64))
    }

    private func text(_ bytes: [UInt8]) -> String { Base64Probe.text(bytes) }
}
