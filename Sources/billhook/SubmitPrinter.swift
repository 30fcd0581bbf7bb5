import JSON
import Operate
import Process
import Spool

/// What `submit` prints: results on standard output, as text or JSON, and what went wrong on standard error.
struct SubmitPrinter {
    let isJSON: Bool
    /// Whether the outcome of a submission is only the beginning: the result is printed when the waiting is over.
    let isWaiting: Bool

    enum Judgement { case good, bad }

    // MARK: One request

    func print(_ key: Key, _ outcome: Submitter.Outcome) throws(OperateError) {
        switch outcome {
        case .submitted:
            if isWaiting { return }
            if isJSON { return try object { $0.outcome(key, "submitted") } }
            try Output.line("Submitted \(key).")
        case .duplicate(let standing):
            if isWaiting { return }
            if isJSON {
                return try object { writer in
                    writer.outcome(key, "duplicate", in: standing.state)
                    if let invoice = standing.invoice { writer.member("invoice", raw: invoice.trimmed) }
                }
            }
            let beginning = "\(key) is a duplicate: the same request stands in \(standing.state.rawValue)/"
            guard let invoice = standing.invoice else { return try Output.line("\(beginning).") }
            Terminal.printError("\(beginning). This is the first invoice:")
            try Output.write(invoice.trimmed + [UInt8(ascii: "\n")])
        case .conflict(let standing):
            let sentence = SubmitPrinter.conflict(key, standing)
            if isJSON {
                return try object { writer in
                    writer.outcome(key, "conflict", in: standing.state)
                    writer.member("message", sentence)
                }
            }
            Terminal.printError("billhook: \(sentence)")
        }
    }

    /// - Parameter key: `nil` where it would have been derived.
    func print(invalid rejection: Rejection, key: Key?, from source: String) throws(OperateError) {
        if isJSON {
            return try object { writer in
                if let key { writer.member("key", key.name) }
                writer.member("outcome", "invalid")
                writer.rejection(rejection)
            }
        }
        Terminal.printError("billhook: \(source) was not submitted. \(rejection)")
    }

    func print(problem error: OperateError, with file: String) throws(OperateError) {
        if isJSON {
            return try object { writer in
                writer.member("file", file)
                writer.member("outcome", "error")
                writer.member("message", error.description)
            }
        }
        Terminal.printError("billhook: \(error)")
    }

    // MARK: Waiting

    func print(_ key: Key, _ ending: Waiter.Ending) throws(OperateError) -> Judgement {
        switch ending {
        case .processed(let invoice, let state):
            if isJSON {
                try object { writer in
                    writer.outcome(key, "processed", in: state)
                    writer.member("invoice", raw: invoice.trimmed)
                }
            } else {
                try Output.write(invoice.trimmed + [UInt8(ascii: "\n")])
            }
            return .good
        case .failed(let report, let invoice):
            try print(key, failed: report, invoice)
        case .conflict:
            let sentence =
                "\(key) conflicts with a request that was faster: it was set apart in dead/ and has billed nothing."
            if isJSON {
                try object { writer in
                    writer.outcome(key, "conflict")
                    writer.member("message", sentence)
                }
            } else {
                Terminal.printError("billhook: \(sentence)")
            }
        }
        return .bad
    }

    private func print(_ key: Key, failed report: ErrorReport?, _ invoice: [UInt8]?) throws(OperateError) {
        if isJSON {
            return try object { writer in
                writer.outcome(key, "failed", in: .dead)
                if let report { writer.member("error", raw: report.encoded().trimmed) }
                if let invoice { writer.member("invoice", raw: invoice.trimmed) }
            }
        }
        guard let report else {
            return Terminal.printError("billhook: \(key) is in dead/, and no .error says why.")
        }
        Terminal.printError("billhook: \(key) is in dead/. \(report.message) \(report.hint)")
    }

    func print(late key: Key, _ sentence: String) throws(OperateError) {
        if isJSON {
            return try object { writer in
                writer.outcome(key, "timeout")
                writer.member("message", sentence)
            }
        }
        Terminal.printError("billhook: \(sentence)")
    }

    // MARK: JSON Lines

    func print(_ result: LineSubmitter.Result, of file: String) throws(OperateError) {
        if isJSON { return try object { $0.result(result) } }
        let place = "\(file == "-" ? "standard input" : file), line \(result.number)"
        switch result.outcome {
        case .submitted, .duplicate: break
        case .conflict(let standing):
            guard let key = result.submission?.key else { return }
            Terminal.printError("billhook: \(place): \(SubmitPrinter.conflict(key, standing))")
        case .invalid(let rejection):
            Terminal.printError("billhook: \(place): \(rejection)")
        }
    }

    func print(_ tally: LineSubmitter.Tally, of file: String) throws(OperateError) {
        if isJSON {
            return try object { writer in
                writer.member("outcome", "summary")
                writer.member("submitted", tally.submitted)
                writer.member("duplicates", tally.duplicates)
                writer.member("conflicts", tally.conflicts)
                writer.member("invalid", tally.invalid)
            }
        }
        let text =
            "\(tally.submitted) submitted, \(tally.duplicates.counted("duplicate")), \(tally.conflicts.counted("conflict")),"
            + " \(tally.invalid) invalid."
        if isWaiting { Terminal.printError(text) } else { try Output.line(text) }
    }

    private static func conflict(_ key: Key, _ standing: Standing) -> String {
        "The key \(key) is taken by another request, in \(standing.state.rawValue)/; nothing was submitted. Use another key"
            + " if this is an invoice of its own."
    }

    private func object(_ write: (inout JSONWriter) -> Void) throws(OperateError) {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        write(&writer)
        writer.endObject()
        writer.endLine()
        try Output.write(writer.bytes)
    }
}

extension JSONWriter {
    fileprivate mutating func outcome(_ key: Key, _ outcome: String, in state: State? = nil) {
        member("key", key.name)
        member("outcome", outcome)
        if let state { member("state", state.rawValue) }
    }

    fileprivate mutating func rejection(_ rejection: Rejection) {
        member("code", rejection.code)
        member("message", rejection.message)
        member("hint", rejection.hint)
    }

    fileprivate mutating func result(_ result: LineSubmitter.Result) {
        member("line", result.number)
        if let key = result.submission?.key { member("key", key.name) }
        switch result.outcome {
        case .submitted: member("outcome", "submitted")
        case .duplicate(let standing):
            member("outcome", "duplicate")
            member("state", standing.state.rawValue)
            if let invoice = standing.invoice { member("invoice", raw: invoice.trimmed) }
        case .conflict(let standing):
            member("outcome", "conflict")
            member("state", standing.state.rawValue)
        case .invalid(let rejection):
            member("outcome", "invalid")
            self.rejection(rejection)
        }
    }
}

extension [UInt8] {
    /// Without the newline at the end.
    fileprivate var trimmed: [UInt8] { last == UInt8(ascii: "\n") ? Array(dropLast()) : self }
}
