internal import Times

/// Says of a failed run what happened and what to do, in sentences that name the program and nothing that it wrote.
struct FailureTeller {
    let program: String
    let lastLines: [String]

    private static let again = "Then move the request to incoming/ again."

    /// What it said itself is the best hint there is; a program that says nothing should.
    private var seeLines: String {
        lastLines.isEmpty
            ? "It wrote nothing to standard error, where it should say what is wrong."
            : "What it wrote to standard error last stands here under `stderr`."
    }

    private func failure(_ kind: ProcessorFailure.Kind, _ what: String, _ action: String) -> ProcessorFailure {
        ProcessorFailure(
            kind, "The processor \(program) \(what).", hint: "\(action) \(seeLines) \(Self.again)", lastLines: lastLines
        )
    }

    func exited(_ code: Int32) -> ProcessorFailure {
        guard let meaning = ExitMeaning(code) else {
            return failure(
                .failed, "exited with \(code), which says only that it failed",
                "Find out from the program why, and mend that.")
        }
        return failure(meaning.kind, "exited with \(code) (\(meaning.name)): \(meaning.what)", meaning.action)
    }

    func killed(_ signal: Int32) -> ProcessorFailure {
        let meaning = SignalMeaning(signal)
        return failure(
            .killed, "was ended by signal \(signal)\(meaning.name.map { " (\($0))" } ?? "")\(meaning.what)",
            meaning.action)
    }

    func timedOut(_ limit: Duration) -> ProcessorFailure {
        failure(
            .timedOut, "was still running after \(limit.text) and was ended",
            "Find out what it waits for, or give it longer with --processor-timeout.")
    }

    func wroteTooMuch(_ limit: Int) -> ProcessorFailure {
        failure(
            .tooMuchOutput, "wrote more than \(limit) bytes to standard output and was ended",
            "Let it write one JSON object there and everything else to standard error; keep large results elsewhere and"
                + " name them in it.")
    }

    func wroteNoJSON(_ problem: String) -> ProcessorFailure {
        failure(
            .badResult, "exited with 0, but its standard output is no JSON. \(problem.withoutStop)",
            "Let it write one JSON object there, or nothing, and everything else to standard error. It counts as not"
                + " processed, and is run again.")
    }

    func wroteNoObject(_ kind: String) -> ProcessorFailure {
        failure(
            .badResult, "exited with 0, but its standard output is \(kind) and not a JSON object",
            "Let it write one JSON object there, or nothing. It counts as not processed, and is run again.")
    }

    func notStarted(_ problem: StartProblem) -> ProcessorFailure {
        ProcessorFailure(.notStarted, "The processor \(program) \(problem.problem).", hint: problem.fix)
    }
}

extension String {
    fileprivate var withoutStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
