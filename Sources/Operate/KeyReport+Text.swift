internal import Deliver
internal import Process
internal import Spool
internal import SystemPackage
public import Times

extension KeyReport {
    /// The report for a person: a fact a line, and what happens next at the end.
    public func text(now: Timestamp) -> String {
        var lines = ["key        \(key)", "state      \(stateText)"]
        if let path { lines.append("file       \(path)") }
        if let size, let modified {
            lines.append("           \(size.counted("byte")), of \(modified.iso8601) (\((now - modified).rough) ago)")
        }
        if hasWaitingDrop { lines.append("           another drop of this key waits in incoming/") }
        if let invoice {
            lines.append("invoice    \(invoice.id)")
            lines.append("           \(invoice.amountCents) cents \(invoice.currency), customer \(invoice.customerID)")
            lines.append("           processed at \(invoice.processedAt.iso8601)")
            if let origin = invoice.keyOrigin {
                let name = origin.fileName.map { ", dropped as \($0)" } ?? ""
                lines.append("           key from \(origin.keyFrom)\(name)")
            }
        }
        if let event {
            lines.append("event      \(event.type), raised at \(event.timestamp.iso8601)")
        }
        if let error {
            lines.append("error      \(error.code), at \(error.at.iso8601) (stage: \(error.stage.rawValue))")
            lines.append("           \(error.message)")
            lines.append("           \(error.hint)")
            for line in error.standardError { lines.append("stderr     \(line)") }
        }
        for delivery in deliveries { lines += delivery.lines(now: now) }
        if rounds > 0 { lines.append("rounds     \(rounds) (it was retried, replayed or released so often)") }
        for conflict in conflicts { lines.append("conflict   \(conflict.path)") }
        lines.append("next       \(next.sentence)")
        return lines.joined(separator: "\n") + "\n"
    }

    private var stateText: String {
        switch place {
        case .state(.incoming) where isIncomplete: "incoming, incomplete: it is empty or cut off"
        case .removed(let state): "removed; its sidecars stand in \(state.rawValue)/"
        case .conflictsOnly: "no request; only drops that conflicted"
        default: place.name
        }
    }
}

extension DeliveryReport {
    fileprivate func lines(now: Timestamp) -> [String] {
        var facts = [stateText(now: now), attempts.counted("attempt")]
        if let lastOutcome, let lastAttempt {
            facts.append("the last one \(lastOutcome) at \(lastAttempt.startedAt.iso8601)")
        }
        let way = lastAttempt.flatMap { $0.refusal ?? $0.trace.text }.map { ["           \($0)"] } ?? []
        return ["delivery   \(subscription): \(facts.joined(separator: ", "))"] + way + ["           \(deliveryID)"]
    }

    private func stateText(now: Timestamp) -> String {
        switch state {
        case .waiting(let moment) where moment > now: "due in \((moment - now).rough)"
        case .waiting where heldBackUntil != nil: "due, and held back"
        case .waiting where isOverdue: "due, and waits for its turn"
        case .waiting: "due now"
        case .paused: "paused"
        case .broken: "its subscription file is broken, so it waits unless the daemon has a last good version"
        case .resting: "not delivered, and not due"
        case .delivered: "delivered"
        case .givenUp: "given up"
        case .ended(.unsubscribed): "ended, its subscription is gone"
        case .ended(.unmatched): "ended, its subscription no longer asks for it"
        case .ended(.subscriptionDisabled): "given up, its subscription is disabled"
        case .ended(.other): "ended"
        }
    }
}
