import Deliver
import TestSupport
import Testing
import Times

@Suite struct DeliveryLogTests {
    @Test("an attempt's outcome is its delivery's state")
    func states() {
        let log = DeliveryLog.reading(
            .attempt(.delivered("a")),
            .attempt(.make(subscription: "b", nextAttemptAt: noon + .seconds(5))),
            .attempt(.make(subscription: "c", outcome: .error, httpStatus: nil, error: .badURL)))
        #expect(log.deliveries.map(\.subscription) == ["a", "b", "c"])
        #expect(log.delivery(to: "a")?.state == .delivered)
        #expect(log.delivery(to: "b")?.state == .pending(notBefore: noon + .seconds(5)))
        #expect(log.delivery(to: "c")?.state == .givenUp)
        #expect(log.earliestPending == noon + .seconds(5))
        #expect(log.hasGivenUp)
        #expect(log.rounds == 0)
    }

    @Test("each attempt counts, and the last one is there to be shown")
    func counting() throws {
        let log = DeliveryLog.reading(
            .attempt(.make(attempt: 1, nextAttemptAt: noon)),
            .attempt(.make(attempt: 2, httpStatus: 503, nextAttemptAt: noon)))
        let delivery = try #require(log.delivery(to: "shop"))
        #expect(delivery.attempts == 2)
        #expect(delivery.attemptsInRound == 2)
        #expect(delivery.lastAttempt?.httpStatus == 503)
        #expect(delivery.event == "invoice.processed")
        #expect(log[delivery.deliveryID] == delivery)
        #expect(log["dlv_unknown"] == nil)
    }

    @Test("a retry gives all but the delivered a fresh round, and goes on counting attempts")
    func retry() throws {
        let log = DeliveryLog.reading(
            .attempt(.delivered("a")), .attempt(.make(subscription: "b")),
            .ended(deliveryID: "dlv_c", subscription: "c", reason: .unsubscribed, at: noon),
            .round(kind: .retry, at: noon + .seconds(60)))
        #expect(log.delivery(to: "a")?.state == .delivered)
        let given = try #require(log.delivery(to: "b"))
        #expect(given.state == .pending(notBefore: noon + .seconds(60)))
        #expect(given.attempts == 1)
        #expect(given.attemptsInRound == 0)
        #expect(log.delivery(to: "c")?.state == .pending(notBefore: noon + .seconds(60)))
        #expect(!log.hasGivenUp)
        #expect(log.rounds == 1)
        #expect(log.lastLineIsRoundMark)
    }

    @Test("a replay begins again for all")
    func replay() throws {
        let log = DeliveryLog.reading(.attempt(.delivered("a")), .round(kind: .replay, at: noon))
        let delivery = try #require(log.delivery(to: "a"))
        #expect(delivery.state == .pending(notBefore: noon))
        #expect(delivery.attempts == 1)
        #expect(delivery.attemptsInRound == 0)
    }

    @Test("a resume changes nothing but the count of rounds")
    func resume() {
        var log = DeliveryLog.reading(
            .attempt(.make(subscription: "a", nextAttemptAt: noon + .seconds(9))), .attempt(.make(subscription: "b")))
        let before = log.deliveries
        log.apply(.round(kind: .resume, at: noon))
        #expect(log.deliveries == before)
        #expect(log.rounds == 1)
        #expect(log.lastLineIsRoundMark)
    }

    @Test("a delivery can end before its first attempt")
    func ended() {
        let log = DeliveryLog.reading(
            .ended(deliveryID: "dlv_1", subscription: "shop", reason: .unsubscribed, at: noon))
        #expect(log["dlv_1"]?.state == .ended(.unsubscribed))
        #expect(log["dlv_1"]?.event == nil)
        #expect(log["dlv_1"]?.attempts == 0)
        #expect(log.earliestPending == nil)
        #expect(!log.hasGivenUp)
    }

    @Test("an attempt after a mark is what the file ends with")
    func markThenAttempt() {
        #expect(!DeliveryLog.reading(.round(kind: .replay, at: noon), .attempt(.delivered())).lastLineIsRoundMark)
        #expect(!DeliveryLog().lastLineIsRoundMark)
    }

    @Test("a torn last line is ignored wherever it was torn, and asks for a newline before the next")
    func torn() {
        let whole = AttemptLine.attempt(.make(nextAttemptAt: noon)).encoded()
        let next = AttemptLine.attempt(.delivered(attempt: 2)).encoded()
        let complete = DeliveryLog(reading: whole)
        #expect(!complete.needsNewline)
        for length in 1..<next.count - 1 {
            let log = DeliveryLog(reading: whole + next.prefix(length))
            #expect(log.needsNewline)
            #expect(log.deliveries == complete.deliveries)
            // The next append closes the torn line; it is ignored ever after.
            let closed = DeliveryLog(reading: whole + next.prefix(length) + [0x0A] + next)
            #expect(!closed.needsNewline)
            #expect(closed.delivery(to: "shop")?.state == .delivered)
            #expect(closed.delivery(to: "shop")?.attempts == 2)
        }
    }

    @Test("a last line that lacks only its newline counts, as it will once it is closed")
    func unclosed() {
        let line = AttemptLine.attempt(.delivered()).encoded()
        let log = DeliveryLog(reading: line.dropLast())
        #expect(log.needsNewline)
        #expect(log.deliveries == DeliveryLog(reading: line).deliveries)
        #expect(log.delivery(to: "shop")?.state == .delivered)
    }

    @Test("zeros, blank and foreign lines in the middle are passed over")
    func foreignLines() {
        let bytes =
            AttemptLine.attempt(.make(subscription: "a")).encoded() + [0, 0, 0, 0x0A, 0x0A, 0xFF, 0x0A]
            + Array("{\"note\":\"by hand\"}\n".utf8) + AttemptLine.attempt(.delivered("b")).encoded()
        let log = DeliveryLog(reading: bytes)
        #expect(log.deliveries.map(\.state) == [.givenUp, .delivered])
    }

    @Test("a line lost in the middle does not make the next attempt repeat a number")
    func lostLine() {
        let log = DeliveryLog.reading(.attempt(.make(attempt: 1)), .attempt(.make(attempt: 3)))
        #expect(log.delivery(to: "shop")?.attempts == 3)
        #expect(log.delivery(to: "shop")?.attemptsInRound == 2)
    }

    @Test("folding a file says the same as applying its lines while they are written", arguments: 0..<40)
    func foldIsApply(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var applied = DeliveryLog()
        var bytes: [UInt8] = []
        for _ in 0..<30 {
            let line = AttemptLine.random(using: &generator)
            applied.apply(line)
            bytes += line.encoded()
        }
        #expect(DeliveryLog(reading: bytes) == applied)
    }
}

extension AttemptLine {
    fileprivate static func random(using generator: inout SeededGenerator) -> AttemptLine {
        let subscription = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
        let moment = noon + .seconds(Int64.random(in: 0...100_000, using: &generator))
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return .round(kind: Round.allCases.randomElement(using: &generator) ?? .retry, at: moment)
        case 1:
            return .ended(deliveryID: "dlv_\(subscription)", subscription: subscription, reason: .unmatched, at: moment)
        case 2, 3: return .attempt(.delivered(subscription))
        case 4: return .attempt(.make(subscription: subscription))
        default: return .attempt(.make(subscription: subscription, nextAttemptAt: moment))
        }
    }
}
