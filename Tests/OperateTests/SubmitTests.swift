import Files
import Foundation
import Process
import Spool
import Synchronization
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("Submitting")
struct SubmitTests {
    @Test("a request stands in incoming/ with its very bytes, and nothing is left in tmp/")
    func submits() throws {
        let fixture = try SpoolFixture()
        #expect(try Submitter(fixture.spool).submit(fixture.submission("inv-1")) == .submitted)
        #expect(try fixture.scratch.read("spool/incoming/inv-1.json") == Array(SpoolFixture.request().utf8))
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test("the same request again is a duplicate in every state", arguments: State.allCases)
    func duplicate(state: State) throws {
        let fixture = try SpoolFixture()
        let isProcessed = state != .incoming
        if isProcessed { try fixture.putProcessed("inv-1", state) } else { try fixture.put("inv-1", state) }
        let sameValue = #"{ "amount_cents": 1000.0, "customer_id": "acme" }"#
        let outcome = try Submitter(fixture.spool).submit(fixture.submission("inv-1", sameValue))
        guard case .duplicate(let standing) = outcome else {
            Issue.record("not a duplicate: \(outcome)")
            return
        }
        #expect(standing.state == state)
        #expect((standing.invoice != nil) == isProcessed)
        #expect(try fixture.names(fixture.spool.incoming) == (state == .incoming ? ["inv-1.json"] : []))
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test(
        "another request with a taken key is a conflict in every state, and is not dropped", arguments: State.allCases)
    func conflict(state: State) throws {
        let fixture = try SpoolFixture()
        if state == .incoming { try fixture.put("inv-1", state) } else { try fixture.putProcessed("inv-1", state) }
        let outcome = try Submitter(fixture.spool).submit(fixture.submission("inv-1", SpoolFixture.request(2)))
        guard case .conflict(let standing) = outcome else {
            Issue.record("not a conflict: \(outcome)")
            return
        }
        #expect(standing.state == state)
        let first = try fixture.spool.directory(state).read("inv-1.json")
        #expect(first == Array(SpoolFixture.request().utf8))
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test("an unprocessed request in processing/ or hold/ takes its key, one in dead/ leaves it free")
    func unprocessed() throws {
        for state in [State.processing, .hold] {
            let fixture = try SpoolFixture()
            try fixture.put("inv-1", state)
            let outcome = try Submitter(fixture.spool).submit(fixture.submission("inv-1"))
            #expect(outcome == .duplicate(of: Standing(state: state, isSame: true, invoice: nil)))
        }
        let fixture = try SpoolFixture()
        try fixture.putDead("inv-1", at: .distantPast, processed: false)
        #expect(try Submitter(fixture.spool).submit(fixture.submission("inv-1")) == .submitted)
    }

    @Test("a request that is just being claimed for a derived key is no conflict of the same content in other bytes")
    func beingClaimed() throws {
        let fixture = try SpoolFixture()
        let lookup = KeyLookup(spool: fixture.spool)
        let submission = try fixture.submission("inv-1", #"{ "amount_cents": 1000.0, "customer_id": "acme" }"#)
        let invoice = try fixture.invoice("inv-1").encoded()
        let aside = fixture.scratch.path("spool/.billhook/aside/inv-1.json~0")
        let request = fixture.scratch.path("spool/processing/inv-1.json")
        // Without the second look for the request, one of the first few goes wrong.
        for _ in 0..<500 {
            try fixture.scratch.write(SpoolFixture.request(), to: "spool/.billhook/aside/inv-1.json~0")
            let isClaimed = Atomic(false)
            let claim = Thread {
                let file = creat(request + ".invoice", 0o644)
                rename(aside, request)
                _ = invoice.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
                close(file)
                isClaimed.store(true, ordering: .releasing)
            }
            claim.start()
            repeat {
                if let standing = try lookup.standing(against: submission) { try #require(standing.isSame) }
            } while !isClaimed.load(ordering: .acquiring)
            let standing = try #require(try lookup.standing(against: submission))
            #expect(standing == Standing(state: .processing, isSame: true, invoice: invoice))
            unlink(request + ".invoice")
            unlink(request)
        }
    }

    @Test("an .invoice without its request keeps the key taken")
    func onlyInvoice() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("inv-1", .done)
        try fixture.spool.done.remove("inv-1.json")
        let same = try Submitter(fixture.spool).submit(fixture.submission("inv-1"))
        let other = try Submitter(fixture.spool).submit(fixture.submission("inv-1", SpoolFixture.request(2)))
        guard case .duplicate = same, case .conflict = other else {
            Issue.record("\(same), \(other)")
            return
        }
    }

    @Test("two requests of one key in one call are a duplicate and a conflict of the first")
    func oneCall() throws {
        let fixture = try SpoolFixture()
        let outcomes = try Submitter(fixture.spool).submit([
            fixture.submission("inv-1"), fixture.submission("inv-1"),
            fixture.submission("inv-1", SpoolFixture.request(2)), fixture.submission("inv-2"),
        ])
        #expect(
            outcomes == [
                .submitted, .duplicate(of: Standing(state: .incoming, isSame: true, invoice: nil)),
                .conflict(with: Standing(state: .incoming, isSame: false, invoice: nil)), .submitted,
            ])
        #expect(try fixture.names(fixture.spool.tmp) == [])
    }

    @Test("more requests than fit a batch all arrive")
    func manyBatches() throws {
        let fixture = try SpoolFixture()
        let count = 2 * Submitter.batchLimit + 3
        let outcomes = try Submitter(fixture.spool).submit((0..<count).map { try fixture.submission("k\($0)") })
        #expect(outcomes == Array(repeating: .submitted, count: count))
        #expect(try fixture.spool.incoming.names().count == count)
    }

    @Test("the longest key still fits its temporary name")
    func longestKey() throws {
        let fixture = try SpoolFixture()
        let long = String(repeating: "k", count: 200)
        #expect(try Submitter(fixture.spool).submit(fixture.submission(long)) == .submitted)
        #expect(try fixture.stands("incoming/\(long).json"))
    }

    @Test("an invalid request is refused before it is dropped")
    func invalid() throws {
        let fixture = try SpoolFixture()
        #expect(throws: Rejection.self) { try fixture.submission("inv-1", #"{"customer_id":"acme"}"#) }
        #expect(throws: Rejection.self) {
            try Submission(key: fixture.key("a"), content: Array(SpoolFixture.request().utf8), maximumBytes: 10)
        }
    }

    @Test("a request that is made from an amount is one that is accepted")
    func made() throws {
        let content = Submission.content(customerID: "a \"quoted\" name", amountCents: 5, currency: "EUR")
        let request = try InvoiceRequest.read(content)
        #expect(request.customerID == "a \"quoted\" name")
        #expect(request.totals.totalCents == 5)
        #expect(request.currency == "EUR")
    }
}
