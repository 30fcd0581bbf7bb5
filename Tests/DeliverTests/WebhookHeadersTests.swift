import Deliver
import TestSupport
import Testing
import Times

@Suite struct WebhookHeadersTests {
    private let body = Array(#"{"test": 2432232314}"#.utf8)

    private func lines(_ subscription: Subscription, attempt: Int = 1) -> [String] {
        WebhookHeaders.make(
            subscription: subscription, event: "invoice.processed", deliveryID: "dlv_1", attempt: attempt, body: body,
            now: noon + .milliseconds(999), version: "0.1.0"
        ).map { "\($0.name): \($0.value)" }
    }

    @Test("without a secret nothing pretends to be signed")
    func unsigned() {
        #expect(
            lines(Subscription(name: "shop", url: "https://a.example"), attempt: 4) == [
                "Content-Type: application/json", "User-Agent: Billhook/0.1.0", "X-Event-Type: invoice.processed",
                "X-Delivery-ID: dlv_1", "X-Attempt: 4",
            ])
    }

    @Test("with a secret both signatures go along, over this attempt's second, and the user's headers come last")
    func signed() throws {
        let secret = try SigningSecret(vectorSecret)
        let subscription = Subscription(
            name: "shop", url: "https://a.example", secret: secret,
            headers: [HeaderField(name: "X-Tenant", value: "eu 7")])
        #expect(
            lines(subscription).dropFirst(5) == [
                "X-Signature: \(secret.bodySignature(body))", "webhook-id: dlv_1", "webhook-timestamp: 1795262400",
                "webhook-signature: \(secret.signature(id: "dlv_1", timestamp: 1_795_262_400, body: body))",
                "X-Tenant: eu 7",
            ])
    }
}
