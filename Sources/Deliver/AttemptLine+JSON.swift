import JSON
import Times

extension AttemptLine {
    /// The line as it is appended, with its newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        switch self {
        case .attempt(let record): record.write(to: &writer)
        case .round(let kind, let at):
            writer.member("mark", "round")
            writer.member("kind", kind.rawValue)
            writer.member("at", at)
        case .ended(let deliveryID, let subscription, let reason, let at):
            writer.member("mark", "ended")
            writer.member("delivery_id", deliveryID)
            writer.member("subscription", subscription)
            writer.member("reason", reason.rawValue)
            writer.member("at", at)
        }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    /// Reads a line, with or without its newline; `nil` for one that is torn or that something else wrote. Members it
    /// does not know are ignored, and names of failures and reasons it does not know become `other`, so that a file
    /// survives a step back to an older version.
    public static func read(_ line: [UInt8]) -> AttemptLine? {
        guard let object = (try? JSONReader.read(line))?.object else { return nil }
        return object["mark"] == nil ? AttemptRecord(object).map { .attempt($0) } : readMark(object)
    }

    private static func readMark(_ object: JSONObject) -> AttemptLine? {
        guard let at = object.moment("at") else { return nil }
        switch object["mark"]?.string {
        case "round":
            return object["kind"]?.string.flatMap(Round.init).map { .round(kind: $0, at: at) }
        case "ended":
            guard let deliveryID = object["delivery_id"]?.string, let subscription = object["subscription"]?.string,
                let reason = object["reason"]?.string
            else { return nil }
            return .ended(
                deliveryID: deliveryID, subscription: subscription, reason: EndReason(rawValue: reason) ?? .other,
                at: at)
        default:
            return nil
        }
    }
}

extension AttemptRecord {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("delivery_id", deliveryID)
        writer.member("subscription", subscription)
        writer.member("event", event)
        writer.member("attempt", attempt)
        if isManual { writer.member("manual", true) }
        writer.member("started_at", startedAt)
        writer.member("duration_ms", durationMS)
        writer.member("outcome", outcome.rawValue)
        if let httpStatus { writer.member("http_status", httpStatus) }
        if let error { writer.member("error", error.rawValue) }
        if let instruction { writer.member("instruction", instruction.rawValue) }
        if let nextAttemptAt { writer.member("next_attempt_at", nextAttemptAt) }
        trace.write(to: &writer)
        if let response { writer.member("response", response) }
    }

    fileprivate init?(_ object: JSONObject) {
        guard let deliveryID = object["delivery_id"]?.string, let subscription = object["subscription"]?.string,
            let event = object["event"]?.string, let attempt = object.count("attempt"), attempt >= 1,
            let startedAt = object.moment("started_at"), let durationMS = object.count("duration_ms"),
            let outcome = object["outcome"]?.string.flatMap(Outcome.init)
        else { return nil }
        // A moment that can't be read must not turn "try again" into "given up".
        guard object["next_attempt_at"] == nil || object.moment("next_attempt_at") != nil else { return nil }
        self.init(
            deliveryID: deliveryID, subscription: subscription, event: event, attempt: attempt, startedAt: startedAt,
            durationMS: durationMS, outcome: outcome, httpStatus: object.count("http_status"),
            error: object["error"]?.string.map { DeliveryFailure(rawValue: $0) ?? .other },
            nextAttemptAt: object.moment("next_attempt_at"), response: object["response"]?.string)
        trace = AttemptTrace(object)
        instruction = object["instruction"]?.string.flatMap { DeliveryInstruction(rawValue: $0) }
        isManual = object["manual"]?.bool ?? false
    }
}

extension [AttemptLine] {
    /// The lines as they are appended: nearly always one, which is then not copied.
    public func encoded() -> [UInt8] {
        count == 1 ? self[0].encoded() : flatMap { $0.encoded() }
    }
}

extension JSONObject {
    fileprivate func moment(_ name: String) -> Timestamp? { self[name]?.string.flatMap { Timestamp(iso8601: $0) } }

    /// A number that counts something: whole, not negative, and far from where adding one to it would overflow.
    func count(_ name: String) -> Int? {
        self[name]?.int64.flatMap { (0...Int64(Int32.max)).contains($0) ? Int($0) : nil }
    }
}
