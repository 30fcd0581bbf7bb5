import Deliver
import Testing

@Suite struct VerdictTests {
    @Test("2xx is delivered, 410 ends it, any other status is tried again", arguments: 100...599)
    func statuses(status: Int) {
        let verdict = Verdict.of(.answer(status: status, retryAfter: .seconds(7), head: []))
        switch status {
        case 200..<300: #expect(verdict == .delivered)
        case 410: #expect(verdict == .giveUp)
        default: #expect(verdict == .retry(retryAfter: .seconds(7)))
        }
    }

    @Test("an instruction ends a delivery that was not accepted, whatever the status", arguments: 200...599)
    func instructions(status: Int) {
        for instruction in DeliveryInstruction.allCases {
            let result = AttemptResult.instructed(instruction, status: status, head: [])
            #expect(Verdict.of(result) == ((200..<300).contains(status) ? .delivered : .giveUp))
            let reason: Disabling.Reason? = instruction == .disable ? .requested : status == 410 ? .gone : nil
            #expect(result.disablingReason == reason)
        }
        let plain = AttemptResult.answer(status: status, retryAfter: nil, head: [])
        #expect(plain.disablingReason == (status == 410 ? .gone : nil))
    }

    @Test("a failure is tried again unless the subscription itself is at fault", arguments: DeliveryFailure.allCases)
    func failures(failure: DeliveryFailure) {
        let isPermanent = [.badURL, .badHeader, .addressRefused].contains(failure)
        #expect(failure.isPermanent == isPermanent)
        #expect(Verdict.of(.failure(failure)) == (isPermanent ? .giveUp : .retry(retryAfter: nil)))
    }

    @Test("the names of failures are those that attempt lines have always had")
    func names() {
        #expect(
            DeliveryFailure.allCases.map(\.rawValue) == [
                "dns_failed", "connect_refused", "connect_timeout", "connect_failed", "timeout",
                "address_refused", "proxy_failed", "client_cert_failed", "ca_file_failed", "tls_failed",
                "connection_reset", "bad_response", "bad_url", "bad_header", "too_large", "other",
            ])
    }

    @Test("what the receiver never got is not held against it", arguments: DeliveryFailure.allCases)
    func charged(failure: DeliveryFailure) {
        let own: [DeliveryFailure] = [
            .badURL, .badHeader, .addressRefused, .proxyFailed, .clientCertFailed, .caFileFailed,
        ]
        #expect(failure.isChargedToReceiver == !own.contains(failure))
    }
}
