import Files
import JSON
import Operate
import Spool
import Times

/// One run of `retry` or `replay`, from its options to its exit code.
struct ReturnRun {
    private let verb: Returner.Verb
    private let selection: SelectionOptions
    private let isJSON: Bool
    private var source: State

    init(_ verb: Returner.Verb, _ selection: SelectionOptions, isJSON: Bool) {
        self.verb = verb
        self.selection = selection
        self.isJSON = isJSON
        source = verb.sources[0]
    }

    mutating func run(in spool: Spool) throws {
        source = try selection.source(of: verb) ?? verb.sources[0]
        let returner = Returner(
            spool, verb, from: source, filter: selection.filter(now: .now), dryRun: selection.dryRun,
            pacer: selection.pacer)
        var failure: OperateError?
        let report = { (name: String, outcome: Returner.Outcome) in
            do throws(OperateError) {
                try print(name, outcome)
            } catch {
                failure = error
            }
        }
        var conflicts = 0
        let keys = try keys(&conflicts)
        var tally =
            selection.keys.isEmpty ? try returner.runAll(report: report) : try returner.run(keys, report: report)
        tally.skipped += conflicts
        if let failure { throw failure }
        try summarize(tally, SpoolLock.currentHolder(of: spool) == nil ? spool : nil)
        if tally.notThere > 0 { throw Sysexit.noInput.exitCode }
        if tally.blocked > 0 { throw Sysexit.cannotCreate.exitCode }
        if conflicts > 0 { throw Sysexit.dataError.exitCode }
    }

    /// The keys that are meant; conflicting drops among them are skipped.
    private func keys(_ skipped: inout Int) throws(OperateError) -> [Key] {
        var keys: [Key] = []
        for argument in selection.keys {
            if let objection = Returner.objection(to: argument) {
                skipped += 1
                try print(argument, .skipped(because: objection))
            } else {
                keys.append(try KeySearch.key(argument))
            }
        }
        return keys
    }

    private func print(_ name: String, _ outcome: Returner.Outcome) throws(OperateError) {
        let (word, sentence): (String, String?) =
            switch outcome {
            case .returned: (selection.dryRun ? "would_move" : "moved", nil)
            case .skipped(let because): ("skipped", because)
            case .notThere(let sentence): ("not_there", sentence)
            case .blocked(let sentence): ("blocked", sentence)
            }
        if isJSON {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("key", name)
            writer.member("outcome", word)
            if let sentence { writer.member("message", sentence) }
            writer.endObject()
            writer.endLine()
            try Output.write(writer.bytes)
        } else if let sentence {
            Terminal.printError("billhook: \(sentence)")
        } else {
            try Output.line(name)
        }
    }

    private func summarize(_ tally: Returner.Tally, _ unserved: Spool?) throws(OperateError) {
        if isJSON {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("outcome", "summary")
            writer.member(selection.dryRun ? "would_move" : "moved", tally.returned)
            writer.member("skipped", tally.skipped)
            writer.member("not_there", tally.notThere)
            writer.member("blocked", tally.blocked)
            writer.endObject()
            writer.endLine()
            return try Output.write(writer.bytes)
        }
        let what = tally.returned.counted("request")
        let verb = selection.dryRun ? "Would move" : "Moved"
        var sentence = "\(verb) \(what) from \(source.rawValue)/ to incoming/"
        if source == .processing { sentence = "\(selection.dryRun ? "Would try" : "Tries") \(what) in processing/ now" }
        let left = [(tally.skipped, "skipped"), (tally.notThere, "not there"), (tally.blocked, "blocked")]
        for (count, word) in left where count > 0 { sentence += "; \(count) \(word)" }
        Terminal.printError(sentence + ".")
        if let unserved, !selection.dryRun, tally.returned > 0 { Terminal.printError(SpoolAccess.unserved(unserved)) }
    }

}
