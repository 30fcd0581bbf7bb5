import Crypto
import Foundation
import TestSupport
import Testing

@Suite("A receiver that knows the secret", .serialized)
struct SignatureTests {
    private static let key = Array("0123456789abcdef0123456789abcdef".utf8)
    private static let secret = "whsec_" + Data(key).base64EncodedString()

    private func mac(_ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: SignatureTests.key)))
    }

    private func verify(_ call: Call) throws {
        let hex = mac(call.body).map { String(format: "%02x", $0) }.joined()
        #expect(call.header("X-Signature") == "sha256=\(hex)")
        let id = try #require(call.header("webhook-id"))
        let timestamp = try #require(call.header("webhook-timestamp"))
        #expect(id == call.deliveryID)
        #expect(!id.contains("."))
        #expect(abs(Date().timeIntervalSince1970 - (Double(timestamp) ?? 0)) < 300)
        let signed = Array("\(id).\(timestamp).".utf8) + call.body
        #expect(call.header("webhook-signature") == "v1," + Data(mac(signed)).base64EncodedString())
    }

    @Test("can verify every attempt over the bytes that it got", arguments: ["secret", "secret_file"])
    func verified(field: String) throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(500) : .status(200) }
        let stage = try Stage { spool in
            try spool.write(SignatureTests.secret + "\n", to: "subscriptions/s.secret")
            try spool.subscribe(
                "s", receiver.url, retry: ["1ms"], with: [field: field == "secret" ? SignatureTests.secret : "s.secret"]
            )
        }
        try stage.spool.submit("k", #"{"customer_id":"é","amount_cents":100,"metadata":{"a":"\u00e9\/"}}"#)
        try stage.spool.wait(for: "done/k.json")
        #expect(receiver.calls.count == 2)
        for call in receiver.calls { try verify(call) }
        let everything = try stage.spool.text("done/k.json.attempts") + stage.daemon.log
        #expect(!everything.contains(SignatureTests.secret.dropFirst(6)))
    }

    @Test("gets no signature where there is none")
    func unsigned() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        let call = try #require(try receiver.waitForCalls(count: 1).first)
        for name in ["X-Signature", "webhook-id", "webhook-timestamp", "webhook-signature"] {
            #expect(call.header(name) == nil)
        }
    }
}
