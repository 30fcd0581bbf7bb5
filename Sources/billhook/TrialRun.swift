import Deliver
import JSON
import Operate
import Spool

/// One run of `subscribe --dry-run`, from its options to its exit code.
struct TrialRun {
    private let draft: SubscriptionDraft
    private let keys: [String]
    private let isJSON: Bool

    init(_ draft: SubscriptionDraft, keys: [String], isJSON: Bool) {
        self.draft = draft
        self.keys = keys
        self.isJSON = isJSON
    }

    func run(in spool: Spool) throws {
        let trial = try SubscriptionTrial(spool, draft)
        if keys.isEmpty { return try printInOrder() }
        var missing: OperateError?
        for key in keys {
            do throws(OperateError) {
                try print(try trial.ask(key))
            } catch {
                // One name that is wrong is no reason to leave the others unanswered.
                guard error.kind == .noInput else { throw error }
                Terminal.printError("billhook: \(error.description)")
                missing = error
            }
        }
        if missing != nil { throw Sysexit.noInput.exitCode }
    }

    private func printInOrder() throws(OperateError) {
        guard isJSON else { return try Output.line("The subscription \(draft.name) is in order. Nothing was written.") }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("subscription", draft.name)
        writer.member("in_order", true)
        writer.endObject()
        writer.endLine()
        try Output.write(writer.bytes)
    }

    private func print(_ answer: SubscriptionTrial.Answer) throws(OperateError) {
        guard isJSON else {
            let heard = answer.event == EventBody.invoiceProcessed ? "heard" : "heard, as \(answer.event)"
            let verdict = answer.hears ? heard : "not heard. \(answer.reason ?? "")"
            return try Output.line("\(answer.name): \(verdict)")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("key", answer.name)
        writer.member("event", answer.event)
        writer.member("hears", answer.hears)
        if let condition = answer.condition { writer.member("condition", condition) }
        if let reason = answer.reason { writer.member("reason", reason) }
        writer.endObject()
        writer.endLine()
        try Output.write(writer.bytes)
    }
}
