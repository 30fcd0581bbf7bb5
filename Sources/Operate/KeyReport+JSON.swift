internal import Deliver
internal import JSON
internal import Spool
internal import SystemPackage
internal import Times

extension KeyReport {
    /// The report as one JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 2048)
        writer.beginObject()
        writer.member("key", key.name)
        writer.member("state", place.name)
        if case .removed(let state) = place { writer.member("sidecars_in", state.rawValue) }
        if let path { writer.member("path", path.string) }
        if let size { writer.member("size", size) }
        if let modified { writer.member("modified_at", modified) }
        if isIncomplete { writer.member("incomplete", true) }
        if hasWaitingDrop { writer.member("waiting_drop", true) }
        if let invoiceBytes { writer.member("invoice", raw: invoiceBytes.withoutLineEnd) }
        if let event { writer.member("event", raw: event.body) }
        if let error { writer.member("error", raw: error.encoded().withoutLineEnd) }
        writer.name("deliveries")
        writer.beginArray()
        for delivery in deliveries { delivery.write(to: &writer) }
        writer.endArray()
        writer.member("rounds", rounds)
        writer.name("conflicts")
        writer.beginArray()
        for conflict in conflicts { conflict.write(to: &writer) }
        writer.endArray()
        if let holder { writer.member("served_by", holder) }
        writer.member("next", next.sentence)
        if let at = next.at { writer.member("next_at", at) }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}

extension KeyReport.Conflict {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("path", path.string)
        if let error { writer.member("error", raw: error.encoded().withoutLineEnd) }
        writer.endObject()
    }
}

extension DeliveryReport {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("subscription", subscription)
        writer.member("delivery_id", deliveryID)
        writer.member("attempts", attempts)
        writer.member("state", stateName)
        if case .waiting(let moment) = state { writer.member("next_attempt_at", moment) }
        if let heldBackUntil { writer.member("held_back_until", heldBackUntil) }
        if let lastAttempt {
            let line = AttemptLine.attempt(lastAttempt).encoded()
            writer.member("last_attempt", raw: line.withoutLineEnd)
        }
        writer.endObject()
    }
}

extension [UInt8] {
    /// The bytes without the newline at their end.
    var withoutLineEnd: [UInt8] { last == UInt8(ascii: "\n") ? Array(dropLast()) : self }
}
