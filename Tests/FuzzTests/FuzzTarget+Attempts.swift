import Deliver

extension FuzzTarget {
    static let attempts = FuzzTarget(
        name: "attempts",
        examples: [
            #"{"delivery_id":"d1","subscription":"s","event":"invoice.processed","attempt":1,"started_at":"2026-11-21T10:00:00.000Z","duration_ms":12,"outcome":"failed","http_status":500,"next_attempt_at":"2026-11-21T10:00:05.000Z","response":"no"}"#
                + "\n"
                + #"{"mark":"round","kind":"retry","at":"2026-11-21T10:00:00.000Z"}"# + "\n"
                + #"{"delivery_id":"d1","subscription":"s","event":"invoice.processed","attempt":2,"started_at":"2026-11-21T10:00:01.000Z","duration_ms":0,"outcome":"delivered","http_status":204}"#
                + "\n",
            #"{"mark":"ended","delivery_id":"d1","subscription":"s","reason":"unsubscribed","at":"2026-11-21T10:00:00.000Z"}"#
                + "\n",
            #"{"delivery_id":"d2","subscription":"t","event":"e","attempt":7,"started_at":"1970-01-01T00:00:00Z","duration_ms":1,"outcome":"error","error":"timeout"}"#,
        ],
        tokens: syntax + [
            "\n", "\n\n", "replay", "resume", "delivered", "error", "\"attempt\":2147483647,", "2262-04-11T23:47:16Z",
        ]
    ) { bytes in
        for piece in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            guard let line = AttemptLine.read(Array(piece)) else { continue }
            let encoded = line.encoded()
            guard encoded.last == 0x0a, !encoded.dropLast().contains(0x0a) else {
                return "a line is written as several"
            }
            guard let again = AttemptLine.read(encoded) else { return "a line that was read can't be read again" }
            if again != line { return "a line reads as another: \(line) \(again)" }
        }
        let log = DeliveryLog(reading: bytes)
        let torn = DeliveryLog(reading: bytes + Array("\n{\"delivery_id\":\"d1\",\"subscr".utf8))
        if torn.deliveries != log.deliveries { return "a torn last line changes what is known" }
        if !torn.needsNewline { return "a torn last line is not noticed" }
        if let due = log.earliestPending, !log.deliveries.contains(where: { $0.notBefore == due }) {
            return "what is due first belongs to nothing"
        }
        return nil
    }
}
