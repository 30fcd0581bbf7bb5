import Deliver
import Files
import Operate
import Spool
import TestSupport
import Testing
import Times

@Suite("Status")
struct StatusTests {
    private static let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)

    @Test("requests are counted by state; sidecars, conflicts, refused and unfinished files are not requests")
    func counts() throws {
        let fixture = try SpoolFixture()
        for state in State.allCases { try fixture.put("a-\(state.rawValue)", state) }
        try fixture.putProcessed("b", .done)
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abcd.json")
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abcd.json.error")
        try fixture.scratch.write("", to: "spool/dead/refused-0123abcd")
        try fixture.scratch.write("{}", to: "spool/dead/refused-0123abcd.error")
        try fixture.scratch.write("", to: "spool/incoming/c.json.part")
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.requests == [.incoming: 1, .processing: 1, .done: 2, .dead: 1, .hold: 1])
        #expect(status.conflicts == 1)
        #expect(status.refused == 1)
        #expect(status.unfinished == 1)
        #expect(status.holder == nil)
        #expect(status.text().contains("and 1 conflicting drop, and 1 refused file\n"))
        try fixture.scratch.write("{}", to: "spool/dead/a.conflict-0123abce.json")
        #expect(try StatusReader(fixture.spool).read(now: Self.now).text().contains("and 2 conflicting drops, and"))
        #expect([0, 1, 2].map { $0.counted("request") } == ["0 requests", "1 request", "2 requests"])
    }

    @Test("empty and cut off drops are named")
    func incomplete() throws {
        let fixture = try SpoolFixture()
        try fixture.put("whole", .incoming)
        try fixture.put("empty", .incoming, "")
        try fixture.put("cut", .incoming, #"{"customer_id":"ac"#)
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.incompleteCount == 2)
        #expect(
            status.incomplete.map { "\($0.fileName) \($0.what)" }.sorted() == ["cut.json cutOff", "empty.json empty"])
        #expect(status.text().contains("incoming/empty.json is empty, since "))
    }

    @Test("what each subscription has coming is added up from the attempts")
    func subscriptions() throws {
        let fixture = try SpoolFixture()
        for name in ["erp", "shop"] { try fixture.subscribe(name) }
        try fixture.scratch.write("", to: "spool/subscriptions/shop.paused")
        try fixture.scratch.write("{", to: "spool/subscriptions/torn.json")
        let due = Self.now + .seconds(600)
        let invoice = try fixture.putProcessed("a", .processing)
        try fixture.put(
            .attempts, of: "a", .processing,
            fixture.attempt(invoice, to: "erp", next: due) + fixture.attempt(invoice, to: "former", next: due))
        try fixture.setSchedule(of: "a", to: due)
        let delivered = try fixture.putProcessed("b", .processing)
        let lines = fixture.attempt(delivered, to: "erp", 1, .delivered)
        try fixture.put(.attempts, of: "b", .processing, lines)
        try fixture.setSchedule(of: "b", to: Self.now)
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        let found = Dictionary(uniqueKeysWithValues: status.subscriptions.map { ($0.name, $0) })
        #expect(found["erp"]?.condition == .good)
        #expect(found["erp"]?.waiting == 1)
        #expect(found["erp"]?.failing == 1)
        #expect(found["erp"]?.nextAttempt == due)
        #expect(found["shop"]?.condition == .paused)
        #expect(found["shop"]?.waiting == 2)
        #expect(found["shop"]?.nextAttempt == nil)
        #expect(found["torn"]?.condition.name == "broken")
        #expect(found["torn"]?.waiting == 2)
        #expect(found["former"]?.condition == .gone)
        #expect(found["former"]?.waiting == 1)
        let text = status.text()
        #expect(text.contains("erp          good    1 waiting, 1 failing, next attempt in 10m 0s"))
        #expect(text.contains("In subscriptions/torn.json, "))
        #expect(
            text.contains("A running daemon goes on with the last good version that it had; otherwise invoices wait"))
    }

    @Test("a disabled subscription is listed with the reason, and nothing waits for it")
    func disabled() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        let disabling = Disabling(subscription: "erp", reason: .gone, at: Self.now)
        try fixture.scratch.write(
            String(decoding: disabling.encoded(), as: UTF8.self), to: "spool/subscriptions/erp.disabled")
        try fixture.putProcessed("a", .processing)
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.subscriptions.map(\.condition) == [.disabled(disabling)])
        #expect(status.subscriptions.map(\.waiting) == [0])
        #expect(status.text().contains("Its receiver answered 410 Gone. It is so since 2027-01-15T08:00:00.000Z."))
        #expect(String(decoding: status.encoded(), as: UTF8.self).contains(#""code":"gone""#))
    }

    @Test(
        "a subscription that fails is not good, and it is told since when: from its own file, and from the daemon's words"
    )
    func failing() throws {
        let fixture = try SpoolFixture()
        for name in ["erp", "shop", "well"] { try fixture.subscribe(name) }
        let since = Self.now - .seconds(7200)
        try fixture.scratch.write(
            String(decoding: SubscriptionHealth(failingSince: since).encoded(), as: UTF8.self),
            to: "spool/.billhook/health/erp.json")
        try fixture.putProcessed("a", .processing)
        let unserved = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(unserved.subscriptions.map(\.condition) == [.failing(since: since), .good, .good])
        #expect(unserved.subscriptions.allSatisfy { $0.nextAttempt == Self.now })
        let lock = try SpoolLock(fixture.spool, holder: SpoolLock.holderName(processID: 7))
        let later = Self.now - .seconds(10)
        try fixture.publish(at: Self.now, unwell: [.init("shop", failingSince: later, heldBackUntil: nil)])
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.subscriptions.map(\.condition) == [.failing(since: since), .failing(since: later), .good])
        #expect(status.text().contains("erp          failing 1 waiting, 0 failing"))
        #expect(status.text().contains("It has been failing since 2027-01-15T06:00:00.000Z (2h 0m ago)"))
        let json = String(decoding: status.encoded(), as: UTF8.self)
        #expect(json.contains(#""condition":"failing","failing_since":"2027-01-15T06:00:00.000Z""#))
        _ = consume lock
    }

    @Test("what is due and not made yet is not said to be made now: it waits for its turn, or is held back")
    func due() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        let invoice = try fixture.putProcessed("a", .processing)
        let due = Self.now - .seconds(60)
        try fixture.put(.attempts, of: "a", .processing, fixture.attempt(invoice, to: "erp", next: due))
        try fixture.setSchedule(of: "a", to: due)
        try fixture.putProcessed("b", .processing)
        #expect(try StatusReader(fixture.spool).read(now: Self.now).text().contains("2 waiting, 1 failing, due\n"))
        let lock = try SpoolLock(fixture.spool, holder: SpoolLock.holderName(processID: 7))
        let text = try StatusReader(fixture.spool).read(now: Self.now).text()
        #expect(text.contains("2 waiting, 1 failing, due, 1 of them for a while: they wait for their turn\n"))
        let until = Self.now + .seconds(12)
        try fixture.publish(
            at: Self.now, unwell: [LiveStatus.Unwell("erp", failingSince: nil, heldBackUntil: until)])
        let held = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(held.subscriptions.map(\.heldBack) == [2] && held.subscriptions.map(\.nextAttempt) == [until])
        #expect(held.text().contains("2 held back since it fails or asked for a pause, next attempt in 12s\n"))
        #expect(String(decoding: held.encoded(), as: UTF8.self).contains(#""held_back":2,"overdue":0"#))
        _ = consume lock
    }

    @Test("what hampers the daemon is told, as it says it, and whether it claims all the same")
    func hampered() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: SpoolLock.holderName(processID: 7))
        try fixture.publish(at: Self.now, reason: "nothing is processed until the processor can be started")
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.isClaiming == true)
        #expect(
            status.text().contains("\nIt is hampered: nothing is processed until the processor can be started.\n"))
        _ = consume lock
    }

    @Test("events of their own are counted beside the requests, and what waits of them is added up")
    func events() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        let name = try fixture.putEntry(.processing)
        try fixture.putEntry(.done)
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.requests[.processing] == 0 && status.requests[.done] == 0)
        #expect(status.events[.processing] == 1 && status.events[.done] == 1)
        #expect(status.subscriptions.map(\.waiting) == [1] && status.oldest == nil)
        #expect(status.text().contains("and 1 event\n"))
        #expect(name.hasPrefix("+evt_"))
    }

    @Test("of very many requests some are read and some looked at, and it says so; all are counted")
    func bounded() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("erp")
        for number in 0..<5 {
            let invoice = try fixture.putProcessed("p\(number)", .processing)
            try fixture.put(
                .attempts, of: "p\(number)", .processing, fixture.attempt(invoice, to: "erp", next: Self.now))
            try fixture.put("i\(number)", .incoming, "")
        }
        let status = try StatusReader(fixture.spool, reads: 2, looks: 3).read(now: Self.now)
        #expect(status.requests[.processing] == 5 && status.requests[.incoming] == 5)
        #expect(status.unread == 3 && status.unseen == 4)
        #expect(status.subscriptions.map(\.waiting) == [2] && status.incompleteCount == 3)
        let text = status.text()
        #expect(text.contains("These figures are without 3 requests in processing/, counted and not read."))
        #expect(text.contains("The oldest request that waits, of those looked at, is "))
        #expect(String(decoding: status.encoded(), as: UTF8.self).contains(#""unread":3,"unseen":4,"#))
        let whole = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(whole.unread == 0 && whole.unseen == 0 && whole.subscriptions.map(\.waiting) == [5])
        let hasty = try StatusReader(fixture.spool, least: 1, patience: .zero).read(now: Self.now)
        #expect(hasty.requests[.processing] == 5 && hasty.unread == 4 && hasty.unseen == 8)
    }

    @Test("who serves the spool is told while it is served")
    func holder() throws {
        let fixture = try SpoolFixture()
        let lock = try SpoolLock(fixture.spool, holder: "process 7")
        let status = try StatusReader(fixture.spool).read(now: Self.now)
        #expect(status.holder == "process 7")
        #expect(status.text().hasPrefix("The spool \(fixture.spool.path) is served by process 7.\n"))
        _ = consume lock
    }

    @Test("the request that was written first is the oldest, in incoming/ or processing/")
    func oldest() throws {
        let fixture = try SpoolFixture()
        try fixture.put("young", .incoming)
        try fixture.put("old", .processing)
        let moment = Timestamp(seconds: 1_000, nanoseconds: 0)
        let file = try File.appending("old.json", in: fixture.spool.processing)
        try file.setModified(moment)
        let oldest = try StatusReader(fixture.spool).read(now: Self.now).oldest
        #expect(oldest?.key?.name == "old")
        #expect(oldest?.state == .processing)
        #expect(oldest?.since == moment)
    }
}
