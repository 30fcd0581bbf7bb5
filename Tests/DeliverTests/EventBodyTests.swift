import Deliver
import TestSupport
import Testing
import Times

@Suite struct EventBodyTests {
    @Test("the body carries the invoice's bytes exactly, without the newline at their end")
    func exact() {
        let invoice = Array("{\"id\":\"inv_1\",\"metadata\":{ \"a\" : 1.50 }}\n".utf8)
        let body = EventBody.invoiceProcessed(invoice: invoice, processedAt: noon + .nanoseconds(41_999_999))
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"type":"invoice.processed","timestamp":"2026-11-21T12:00:00.041Z","#
                + #""data":{"id":"inv_1","metadata":{ "a" : 1.50 }}}"#)
    }
}
