internal import Deliver
internal import Spool
public import Times

/// What happens next with a request, in a sentence.
public struct NextStep: Sendable, Equatable {
    /// A whole sentence: `Attempt 3 to erp in 4m 12s.`
    public let sentence: String
    /// Not before when; `nil` if nothing happens by itself, or at once.
    public let at: Timestamp?

    init(_ sentence: String, at: Timestamp? = nil) {
        self.sentence = sentence
        self.at = at
    }

    /// What it is decided from.
    struct Facts {
        let key: Key
        let place: KeyReport.Place
        let isIncomplete: Bool
        let isProcessed: Bool
        let error: ErrorReport?
        let deliveries: [DeliveryReport]
        /// Those of its subscriptions whose `.disabled` file stands, so that a retry alone would give them up again.
        let disabled: [String]
        /// When the processor asked to be run again.
        let notBefore: Timestamp?
        let isServed: Bool
        let now: Timestamp
        /// How what is advised is written.
        let commands: SpoolCommands
    }

    /// Decides it from what is known.
    static func of(_ facts: Facts) -> NextStep {
        let (key, commands) = (facts.key, facts.commands)
        return switch facts.place {
        case .state(.incoming), .state(.processing):
            facts.isServed
                ? moving(facts)
                : NextStep("Nothing until somebody serves this spool: start '\(commands.billhook("run"))'.")
        case .state(.done):
            NextStep("Nothing: it is done. Call its subscribers again with: \(commands.billhook("replay \(key)"))")
        case .state(.dead): dead(facts)
        case .state(.hold):
            NextStep(
                "Nothing: it is parked. Release it, and have what is pending tried at once, with:"
                    + " mv -n \(commands.file("hold/\(key.fileName)")) \(commands.file("incoming/"))")
        case .archive(let day):
            NextStep(
                "Nothing: it left the idempotency window and its key is free. Restore it with:"
                    + " \(commands.restore(key, day))")
        case .removed(let state):
            NextStep(
                "Nothing: its request file was removed. Its sidecars in \(state.rawValue)/ keep the key taken while an"
                    + " .invoice is among them. Free it with: \(commands.free(key, state))")
        case .conflictsOnly:
            NextStep("Nothing: the key is free, and only drops that once conflicted stand.")
        }
    }

    /// The next step of what a daemon serves.
    private static func moving(_ facts: Facts) -> NextStep {
        guard facts.place == .state(.incoming) else {
            return facts.isProcessed ? processing(facts) : unprocessed(facts.notBefore, now: facts.now)
        }
        return facts.isIncomplete
            ? NextStep("It is claimed when its writer has finished it, or rejected if that does not happen.")
            : NextStep("It is claimed at once.")
    }

    private static func dead(_ facts: Facts) -> NextStep {
        let commands = facts.commands
        let retry = commands.billhook("retry \(facts.key)")
        guard facts.isProcessed else {
            return NextStep(
                "Nothing: it was never processed, and its key is free. Drop a corrected request, or correct"
                    + " \(commands.file("dead/\(facts.key.fileName)")) and use: \(retry)")
        }
        if let error = facts.error, error.code == ErrorReport.conflictCode {
            // It would come back just so: only what the .error says gets it out of there.
            return NextStep("Nothing: it was edited after it had been processed. \(error.hint)")
        }
        if !facts.disabled.isEmpty {
            let files = facts.disabled.map { commands.file("subscriptions/\($0).disabled") }.joined(separator: " ")
            return NextStep(
                "Nothing: it was given up on, and \(facts.disabled.joined(separator: ", "))"
                    + " \(facts.disabled.count == 1 ? "is" : "are") disabled. Once the receiver is well, use: rm \(files)"
                    + " and then: \(retry)")
        }
        return NextStep("Nothing: it was given up on. Resume what was not delivered with: \(retry)")
    }

    /// Only a processor of the user's puts a request off.
    private static func unprocessed(_ notBefore: Timestamp?, now: Timestamp) -> NextStep {
        if let notBefore, notBefore > now {
            return NextStep(
                "The processor asked for it later: it is run again in \((notBefore - now).rough).", at: notBefore)
        }
        return NextStep("It waits for the processor, or is being processed.")
    }

    private static func processing(_ facts: Facts) -> NextStep {
        let (deliveries, now) = (facts.deliveries, facts.now)
        let waiting = deliveries.compactMap { delivery -> (DeliveryReport, Timestamp)? in
            guard case .waiting(let moment) = delivery.state else { return nil }
            return (delivery, max(moment, delivery.heldBackUntil ?? now, now))
        }
        if let (first, moment) = waiting.min(by: { $0.1 < $1.1 }) {
            return NextStep(attempt(first, at: moment, now: now), at: moment)
        }
        if let paused = deliveries.first(where: { $0.state == .paused }) {
            let file = facts.commands.file("subscriptions/\(paused.subscription).paused")
            return NextStep("Nothing until \(paused.subscription) is resumed: rm \(file)")
        }
        if let broken = deliveries.first(where: { $0.state == .broken }) {
            return NextStep("Correct subscriptions/\(broken.subscription).json. \(LastGoodVersion.sentence)")
        }
        return NextStep("It moves to \(deliveries.contains(where: \.isGivenUp) ? "dead" : "done")/ at once.")
    }

    private static func attempt(_ delivery: DeliveryReport, at moment: Timestamp, now: Timestamp) -> String {
        let attempt = "Attempt \(delivery.attempts + 1) to \(delivery.subscription)"
        let order = delivery.isOrdered ? " It may wait for an earlier invoice of the same customer." : ""
        if let until = delivery.heldBackUntil, until == moment {
            guard until > now else {
                return "\(attempt) is held back: its receiver fails, and one call at a time is let through.\(order)"
            }
            return "\(attempt) is held back until \(delivery.subscription) is called again, in \((until - now).rough):"
                + " its receiver fails, or asked for a pause.\(order)"
        }
        guard moment <= now else { return "\(attempt) in \((moment - now).rough)." }
        return delivery.isOverdue || delivery.isOrdered
            ? "\(attempt) is due, and made when its turn comes.\(order)" : "\(attempt) now."
    }
}
