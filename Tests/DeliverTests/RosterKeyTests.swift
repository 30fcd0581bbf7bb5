import TestSupport
import Testing
import Times

@testable import Deliver

@Suite("The roster and what changes by itself")
struct RosterKeyTests {
    private func snapshot(_ members: [String: String]) -> Roster.Snapshot {
        var snapshot = Roster.Snapshot()
        for (name, member) in members {
            snapshot.subscriptions[name] = Result { () throws(SubscriptionError) in
                try Subscription.read(name: name, bytes: Array(#"{"url":"http://h/",\#(member)}"#.utf8)) { _ in [] }
            }
        }
        return snapshot
    }

    private func key(from: Int? = nil, until: Int? = nil) -> String {
        var parts = [#""secret":"\#(vectorSecret)""#]
        if let from { parts.append(#""not_before":"\#((noon + .seconds(from)).iso8601)""#) }
        if let until { parts.append(#""not_after":"\#((noon + .seconds(until)).iso8601)""#) }
        return #""secret":[{\#(parts.joined(separator: ","))}]"#
    }

    @Test("closes a member when its last key ends, says so once, and opens it when another begins")
    func lapse() throws {
        var roster = Roster()
        let first = roster.apply(snapshot(["a": key(until: 10)]), at: noon)
        #expect(first.broken.isEmpty && roster.members["a"]?.isOpen == true)
        #expect(roster.nextKeyChange == noon + .seconds(10) + .nanoseconds(1))
        let ended = roster.reckonKeys(at: noon + .seconds(11))
        #expect(ended.broken.first?.field == "secret" && ended.broken.count == 1)
        #expect(roster.members["a"]?.isOpen == false && roster.members["a"]?.isBroken == true)
        #expect(roster.reckonKeys(at: noon + .seconds(12)) == Roster.Changes() && roster.nextKeyChange == nil)
        #expect(roster.apply(snapshot(["a": key(until: 10)]), at: noon + .seconds(13)) == Roster.Changes())
        let renewed = roster.apply(snapshot(["a": key(from: 20)]), at: noon + .seconds(14))
        #expect(renewed.broken.count == 1, "it is another reason")
        let begun = roster.reckonKeys(at: noon + .seconds(20))
        #expect(begun.mended == ["a"] && roster.members["a"]?.isOpen == true)
        #expect(roster.version == 1, "who hears of invoices is the same")
    }

    @Test("keeps the last good version's keys to their times, though the file has gone bad")
    func lapseOfLastGood() {
        var roster = Roster()
        _ = roster.apply(snapshot(["a": key(until: 10)]), at: noon)
        _ = roster.apply(snapshot(["a": #""secret":7"#]), at: noon)
        #expect(roster.members["a"]?.isOpen == true && roster.members["a"]?.error != nil)
        _ = roster.reckonKeys(at: noon + .seconds(11))
        #expect(roster.members["a"]?.isOpen == false)
    }

    @Test("asks for an event's body only if somebody has conditions on it")
    func bodyOnDemand() {
        var roster = Roster()
        var asked = 0
        func body() -> [UInt8] {
            asked += 1
            return Array(#"{"data":{"currency":"EUR"}}"#.utf8)
        }
        let eur = #""match":{"data":{"currency":"EUR"}}"#
        let usd = #""match":{"data":{"currency":"USD"}}"#
        _ = roster.apply(snapshot(["b": #""timeout":"1s""#, "a": #""timeout":"1s""#]), at: noon)
        #expect(roster.audience(of: EventBody.invoiceProcessed, body: body()) == ["a", "b"] && asked == 0)
        let changes = roster.apply(snapshot(["b": usd, "a": eur, "c": #""timeout":"oops""#]), at: noon)
        #expect(changes.audienceChanged && roster.version == 2)
        #expect(roster.audience(of: EventBody.invoiceProcessed, body: body()) == ["a", "c"] && asked == 1)
        #expect(roster.audience(of: EventBody.invoiceProcessed) == ["a", "b", "c"])
        #expect(roster.audience(of: "operator.disk_low", body: body()) == [] && asked == 1)
        let same = roster.apply(snapshot(["b": usd, "a": eur, "c": #""timeout":"oops""#]), at: noon)
        #expect(!same.audienceChanged && roster.version == 2)
        let swapped = roster.apply(snapshot(["b": eur, "a": eur]), at: noon)
        #expect(swapped.audienceChanged && swapped.gone == ["c"])
        #expect(roster.audience(of: EventBody.invoiceProcessed, body: body()) == ["a", "b", "c"])
    }

    @Test("lets everybody hear of an event that can't be read")
    func unreadable() {
        var roster = Roster()
        _ = roster.apply(snapshot(["a": #""match":{"data":{"currency":"EUR"}}"#]), at: noon)
        #expect(roster.audience(of: EventBody.invoiceProcessed, body: Array("{".utf8)) == ["a"])
        #expect(roster.audience(of: EventBody.invoiceProcessed, body: Array("{}".utf8)) == [])
    }

    @Test("judges an event that is as deep as a request may be")
    func deep() {
        var roster = Roster()
        _ = roster.apply(snapshot(["a": #""match":{"data":{"currency":"EUR"}}"#]), at: noon)
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        let body = #"{"data":{"currency":"USD","metadata":\#(deep)}}"#
        #expect(roster.audience(of: EventBody.invoiceProcessed, body: Array(body.utf8)) == [])
    }
}
