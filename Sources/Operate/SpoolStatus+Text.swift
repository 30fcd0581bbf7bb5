internal import Deliver
internal import JSON
internal import Spool
internal import SystemPackage
internal import Times

extension SpoolStatus {
    /// The status for a person.
    public func text() -> String {
        var lines = ["The spool \(path) " + (holder.map { "is served by \($0)." } ?? "is served by nobody.")]
        if let hindrance {
            lines.append(isClaiming == false ? "It claims nothing: \(hindrance)." : "It is hampered: \(hindrance).")
        }
        lines.append("")
        for state in State.allCases {
            lines.append(state.rawValue.padded(12) + String(requests[state] ?? 0).leftPadded(9) + note(on: state))
        }
        if let oldest {
            lines.append("")
            lines.append(
                "The oldest request that waits\(unseen > 0 ? ", of those looked at," : "") is \(oldest.key?.name ?? oldest.fileName) in \(oldest.state.rawValue)/, of"
                    + " \(oldest.since.iso8601) (\((at - oldest.since).rough) ago).")
        }
        for drop in incomplete {
            let what = drop.what == .empty ? "empty" : "cut off"
            lines.append("incoming/\(drop.fileName) is \(what), since \(drop.since.iso8601).")
        }
        if incompleteCount > incomplete.count {
            let more = incompleteCount - incomplete.count
            lines.append("\(more.counted("more drop")) \(more == 1 ? "is" : "are") incomplete.")
        }
        lines.append("")
        if subscriptions.isEmpty {
            lines.append(
                "There is no subscription; add one with: \(SpoolCommands(path: path.string).billhook("subscribe NAME URL"))"
            )
        }
        for subscription in subscriptions { lines += subscription.lines(at: at, isServed: holder != nil) }
        if unread > 0 {
            lines.append(
                "These figures are without \(unread.counted("request")) in processing/, counted and not read.")
        }
        if holder == nil {
            lines += ["", "Nobody serves this spool; start '\(SpoolCommands(path: path.string).billhook("run"))'."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func note(on state: State) -> String {
        var notes: [String] = []
        if state == .incoming {
            if incompleteCount > 0 { notes.append("\(incompleteCount) of them incomplete") }
            if unfinished > 0 { notes.append("and \(unfinished) with a name for unfinished work") }
        }
        if state == .dead {
            if conflicts > 0 { notes.append("and \(conflicts.counted("conflicting drop"))") }
            if refused > 0 { notes.append("and \(refused.counted("refused file"))") }
        }
        if let events = events[state], events > 0 { notes.append("and \(events.counted("event"))") }
        return notes.isEmpty ? "" : "   " + notes.joined(separator: ", ")
    }

    /// The status as one JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.member("spool", path.string)
        writer.member("at", at)
        if let holder { writer.member("served_by", holder) } else { writer.nullMember("served_by") }
        if let isClaiming { writer.member("claiming", isClaiming) } else { writer.nullMember("claiming") }
        if let hindrance { writer.member("reason", hindrance) } else { writer.nullMember("reason") }
        for state in State.allCases {
            writer.name(state.rawValue)
            writer.integer(requests[state] ?? 0)
        }
        writer.member("conflicts", conflicts)
        writer.member("refused", refused)
        writer.member("unfinished", unfinished)
        writer.name("events")
        writer.beginObject()
        for state in State.allCases {
            writer.name(state.rawValue)
            writer.integer(events[state] ?? 0)
        }
        writer.endObject()
        writer.member("unread", unread)
        writer.member("unseen", unseen)
        writer.member("incomplete", incompleteCount)
        writer.name("incomplete_drops")
        writer.beginArray()
        for drop in incomplete { drop.write(to: &writer) }
        writer.endArray()
        if let oldest {
            writer.name("oldest")
            oldest.write(to: &writer)
        } else {
            writer.nullMember("oldest")
        }
        writer.name("subscriptions")
        writer.beginArray()
        for subscription in subscriptions { subscription.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}

extension SpoolStatus.IncompleteDrop {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let key { writer.member("key", key.name) } else { writer.member("file_name", fileName) }
        writer.member("problem", what.rawValue)
        writer.member("since", since)
        writer.endObject()
    }
}

extension SpoolStatus.OldestRequest {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let key { writer.member("key", key.name) } else { writer.member("file_name", fileName) }
        writer.member("state", state.rawValue)
        writer.member("since", since)
        writer.endObject()
    }
}

extension SubscriptionStatus {
    /// When the next attempt is made, as far as that can be known.
    private func next(at now: Timestamp, isServed: Bool) -> String? {
        guard let nextAttempt else { return nil }
        if nextAttempt > now { return "next attempt in \((nextAttempt - now).rough)" }
        if !isServed { return "due" }
        return overdue > 0 ? "due, \(overdue) of them for a while: they wait for their turn" : "next attempt now"
    }

    fileprivate func lines(at now: Timestamp, isServed: Bool) -> [String] {
        var facts = ["\(waiting) waiting", "\(failing) failing"]
        if heldBack > 0 { facts.append("\(heldBack) held back since it fails or asked for a pause") }
        if let next = next(at: now, isServed: isServed) { facts.append(next) }
        let head = "\(name.padded(12)) \(condition.name.padded(7)) \(facts.joined(separator: ", "))"
        if case .disabled(let disabling) = condition {
            let facts = disabling.map { " \($0.sentence) It is so since \($0.at.iso8601)." } ?? ""
            return [head, "            \(facts) Enable it with: rm subscriptions/\(name).disabled"]
        }
        if case .broken(let error) = condition {
            return [head, "             \(error)", "             \(LastGoodVersion.sentence)"]
        }
        if case .failing(let since) = condition {
            let age = (now - since).rough
            return [
                head, "             It has been failing since \(since.iso8601) (\(age) ago): every attempt, so far.",
            ]
        }
        return [head]
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("condition", condition.name)
        if case .broken(let error) = condition { writer.member("problem", error.description) }
        if case .failing(let since) = condition { writer.member("failing_since", since) }
        if case .disabled(let disabling?) = condition {
            writer.member("disabled", raw: disabling.encoded().withoutLineEnd)
        }
        writer.member("waiting", waiting)
        writer.member("failing", failing)
        writer.member("held_back", heldBack)
        writer.member("overdue", overdue)
        if let nextAttempt {
            writer.member("next_attempt_at", nextAttempt)
        } else {
            writer.nullMember("next_attempt_at")
        }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func nullMember(_ name: String) {
        self.name(name)
        null()
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }

    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - utf8.count)) + self
    }
}
