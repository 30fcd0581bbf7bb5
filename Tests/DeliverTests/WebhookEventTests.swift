import Deliver
import JSON
import Testing
import Times

@Suite("An event of its own")
struct WebhookEventTests {
    private static let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 123_000_000)

    private static let record = AttemptRecord(
        deliveryID: "dlv_1", subscription: "erp", event: "invoice.processed", attempt: 3, startedAt: now, durationMS: 1,
        outcome: .failed, httpStatus: 503)

    private static let drafts: [EventDraft] = [
        .invoiceFailed(
            key: "k", id: "inv_1", requestSHA256: "ab", code: "missing_field", message: "It lacks \"a\".",
            hint: "Add it.",
            at: now),
        .failing("erp", since: now, disabledAfter: .seconds(60), at: now),
        .recovered("erp", since: now, at: now),
        .disabled(Disabling(subscription: "erp", reason: .gone, at: now), after: record),
        .exhausted(key: "k", invoiceID: "inv_1", record, at: now),
    ]

    @Test("is read back from the bytes that are posted", arguments: drafts)
    func readBack(draft: EventDraft) throws {
        let event = try #require(WebhookEvent.read(entry: draft.body, eventID: "evt_1"))
        #expect(event.type == draft.type && event.body == draft.body && event.timestamp == Self.now)
        #expect(event.id == "\(draft.type) evt_1")
        let isAboutInvoice = draft.type == "invoice.failed"
        #expect(event.isOperatorEvent != isAboutInvoice)
        #expect(event.subject == (isAboutInvoice ? nil : "erp"))
        let tellsOfInvoice = isAboutInvoice || draft.type == "delivery.exhausted"
        #expect(event.invoiceID == (tellsOfInvoice ? "inv_1" : nil))
    }

    @Test("that was torn, or is none, is not read")
    func torn() {
        let body = Self.drafts[0].body
        for end in body.indices { #expect(WebhookEvent.read(entry: Array(body[..<end]), eventID: "e") == nil) }
        for text in [
            #"{"type":"*","timestamp":"2026-11-21T00:00:00.000Z","data":{}}"#,
            #"{"type":"a\r\nX: y","timestamp":"2026-11-21T00:00:00.000Z","data":{}}"#,
            #"{"type":"a.b","timestamp":"today","data":{}}"#, #"{"type":"a.b","timestamp":"2026-11-21T00:00:00.000Z"}"#,
        ] {
            #expect(WebhookEvent.read(entry: Array(text.utf8), eventID: "e") == nil)
        }
    }

    @Test("that an invoice failed says which and why, and what its id would be")
    func failed() {
        #expect(
            String(decoding: Self.drafts[0].body, as: UTF8.self)
                == #"{"type":"invoice.failed","timestamp":"2027-01-15T08:00:00.123Z","data":{"id":"inv_1","key":"k","#
                + #""status":"failed","request_sha256":"ab","error":{"code":"missing_field","#
                + #""message":"It lacks \"a\".","hint":"Add it."}}}"#)
    }

    @Test("about the same is the same, and about something else is another")
    func causes() {
        let later = Self.now + .seconds(9)
        #expect(EventDraft.exhausted(key: "k", invoiceID: nil, Self.record, at: later).cause == Self.drafts[4].cause)
        let gone = Disabling(subscription: "erp", reason: .gone, at: later)
        #expect(EventDraft.disabled(gone, after: Self.record).cause == Self.drafts[3].cause)
        #expect(
            EventDraft.failing("erp", since: later, disabledAfter: .seconds(60), at: later).cause
                != Self.drafts[1].cause)
    }

    @Test("of a processed invoice has the ids it has always had")
    func processed() {
        let event = WebhookEvent.invoiceProcessed(
            invoice: Array("{}\n".utf8), id: "inv_1", processedAt: Self.now, customerID: nil)
        #expect(event.id == "invoice.processed inv_1" && !event.isOperatorEvent)
        #expect(event.body == EventBody.invoiceProcessed(invoice: Array("{}".utf8), processedAt: Self.now))
    }
}
