import Deliver
import Testing

@Suite struct EventPatternTests {
    @Test(
        "a pattern hears what it names, and operator events only where it names them",
        arguments: [
            ("invoice.processed", "invoice.processed", true),
            ("invoice.processed", "invoice.failed", false),
            ("invoice.processed", "invoice.processed.late", false),
            ("invoice.*", "invoice.processed", true),
            ("invoice.*", "invoice.failed", true),
            ("invoice.*", "invoices.processed", false),
            ("invoice.*", "operator.disk_low", false),
            ("*", "invoice.processed", true),
            ("*", "operator.disk_low", false),
            ("operator.*", "operator.disk_low", true),
            ("operator.disk_low", "operator.disk_low", true),
            ("operator.*", "invoice.processed", false),
        ])
    func matching(pattern: String, event: String, expected: Bool) throws {
        #expect(try #require(EventPattern(pattern)).matches(event) == expected)
    }

    @Test(
        "what is neither a name nor a wildcard is refused",
        arguments: [
            "", ".", "**", "*.processed", "invoice.", ".*", "invoice*", "invoice..x", "Invoice.*", "invoice.* ",
            "invoice.*.x", "invoice processed", "räuber.*", "a\n", String(repeating: "a", count: 101),
        ])
    func refused(text: String) {
        #expect(EventPattern(text) == nil)
    }

    @Test func `the default hears every invoice event`() {
        #expect(EventPattern.standard == EventPattern("invoice.*"))
    }
}
