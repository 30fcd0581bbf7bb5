import Deliver
import Testing

@Suite struct DeliveryIDTests {
    @Test("a delivery's id is the same for ever, and has no dot")
    func stable() {
        let id = DeliveryID.derive(eventID: "invoice.processed inv_1", subscription: "shop.eu")
        #expect(id == "dlv_54c11284b30e6c648d31a965e53959ee")
        #expect(!id.contains("."))
    }

    @Test("no two pairs of event and subscription share an id, however their names are cut")
    func distinct() {
        let pairs = [("ab", "c"), ("a", "bc"), ("a b", "c"), ("a", "b c"), ("a", "c"), ("c", "ab"), ("", "a b c")]
        #expect(Set(pairs.map { DeliveryID.derive(eventID: $0.0, subscription: $0.1) }).count == pairs.count)
    }
}
