import Claim
import Deliver
import Files
import Foundation
import Process
import Spool
import TestSupport
import Testing
import Times

@Suite("A drop of a free key")
struct FreshClaimTests {
    @Test("is moved to processing/ unchanged and processed there", arguments: [Durability.full, .process])
    func fresh(durability: Durability) throws {
        let bench = try Bench(durability: durability)
        try bench.put(Bench.paid, "incoming/inv-1.json")
        #expect(try bench.take("inv-1.json").story == "ready")
        #expect(bench.files == ["processing/inv-1.json", "processing/inv-1.json.invoice"])
        #expect(try bench.text("processing/inv-1.json") == Bench.paid)
        let record = try bench.record("processing/inv-1.json.invoice")
        #expect(record.key == "inv-1")
        #expect(record.amountCents == 100)
    }

    @Test("that has gone again is nothing")
    func gone() throws {
        let bench = try Bench()
        #expect(try bench.claim("inv-1.json").story == "vanished")
        #expect(try bench.load("inv-1").story == "vanished")
        #expect(bench.files.isEmpty)
    }

    @Test("keeps its id when a crash takes or tears the .invoice", arguments: ["", "half"])
    func stableID(torn: String) throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let first = try #require(try bench.take("inv-1.json").work)
        let whole = try bench.text("processing/inv-1.json.invoice")
        if torn.isEmpty {
            try bench.remove("processing/inv-1.json.invoice")
        } else {
            try bench.put(String(whole.prefix(whole.count / 2)), "processing/inv-1.json.invoice")
        }
        let second = try #require(try bench.load("inv-1").work)
        #expect(second.event.invoiceID == first.event.invoiceID)
        #expect(try bench.record("processing/inv-1.json.invoice").id == first.event.invoiceID)
    }

    @Test("gets another id when its key was freed and used before")
    func reusedKey() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let first = try #require(try bench.take("inv-1.json").work)
        // Still there under another name, so that its inode is not given away again.
        try bench.move("processing/inv-1.json", "tmp/old")
        try bench.remove("processing/inv-1.json.invoice")
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let second = try #require(try bench.take("inv-1.json").work)
        #expect(second.event.invoiceID != first.event.invoiceID)
    }

    @Test("loaded again is read, not processed again")
    func loadedAgain() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/inv-1.json")
        try bench.take("inv-1.json")
        let before = try bench.text("processing/inv-1.json.invoice")
        let work = try #require(try bench.load("inv-1").work)
        #expect(String(decoding: work.event.body, as: UTF8.self).contains(before.dropLast()))
        #expect(work.attemptsModified == nil)
        #expect(try bench.text("processing/inv-1.json.invoice") == before)
    }

    @Test("that is no invoice request is rejected, with the reason")
    func rejected() throws {
        let bench = try Bench()
        try bench.put(Bench.refused, "incoming/inv-1.json")
        #expect(try bench.take("inv-1.json").story == "rejected: missing_field")
        #expect(bench.files == ["processing/inv-1.json"])
    }

    @Test("that is too large is rejected, one of just the size is not")
    func tooLarge() throws {
        let bench = try Bench(maximumBytes: 60)
        try bench.put(Bench.paid + String(repeating: " ", count: 60 - Bench.paid.count), "incoming/a.json")
        try bench.put(Bench.paid + String(repeating: " ", count: 61 - Bench.paid.count), "incoming/b.json")
        #expect(try bench.take("a.json").story == "ready")
        #expect(try bench.take("b.json").story == "rejected: too_large")
    }

    @Test("under a conflict's name takes the key, if that is free by now")
    func returnedConflict() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/inv-1.conflict-0011aabb.json")
        try bench.put("{}", "dead/inv-1.conflict-0011aabb.json.error")
        #expect(try bench.take("inv-1.conflict-0011aabb.json").story == "ready")
        #expect(bench.files == ["processing/inv-1.json", "processing/inv-1.json.invoice"])
    }
}
