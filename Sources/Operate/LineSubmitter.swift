public import Process
public import Spool

/// Submits JSON Lines: each line a request. Where the spool derives its keys, so does this; an `idempotency_key` means
/// nothing there unless the spool takes its keys from it. Lines that are wrong are reported, and the others submitted.
public struct LineSubmitter {
    /// What became of one line.
    public struct Result: Sendable {
        /// From 1.
        public let number: Int
        /// `nil` if the line is invalid.
        public let submission: Submission?
        public let outcome: Outcome
    }

    public enum Outcome: Sendable, Equatable {
        case submitted
        case duplicate(of: Standing)
        case conflict(with: Standing)
        case invalid(Rejection)
    }

    /// How many lines came to what; blank lines are not counted.
    public struct Tally: Sendable, Equatable {
        public var submitted = 0
        public var duplicates = 0
        public var conflicts = 0
        public var invalid = 0

        public var lines: Int { submitted + duplicates + conflicts + invalid }
    }

    /// The lines that have been reported so far.
    public private(set) var tally = Tally()
    private let submitter: Submitter
    private let derivation: KeyDerivation?
    private let maximumBytes: Int
    private var splitter: LineSplitter

    /// - Parameter maximumBytes: the most that a request may have.
    public init(_ spool: Spool, maximumBytes: Int = Submission.standardMaximumBytes) {
        // Each line is looked for in all four.
        submitter = Submitter(spool.rememberingNames(in: State.taking))
        derivation = spool.keySource.derivation
        self.maximumBytes = maximumBytes
        splitter = LineSplitter(maximumBytes: maximumBytes)
    }

    /// Submits the lines that end in this chunk, and reports them in their order once they are durable: a producer that
    /// writes slowly is not kept waiting for a full batch.
    ///
    /// - Throws: `OperateError` when the spool can't be written; the lines not reported then may be submitted again.
    public mutating func take(_ chunk: [UInt8], report: (Result) -> Void) throws(OperateError) {
        try submit(splitter.take(chunk), report)
    }

    /// Submits the last line if the stream ended without a line end. Throws as `take` does.
    public mutating func finish(report: (Result) -> Void) throws(OperateError) {
        if let last = splitter.finish() { try submit([last], report) }
    }

    private mutating func submit(_ lines: [LineSplitter.Line], _ report: (Result) -> Void) throws(OperateError) {
        // Some batches at a time: each but the last flushes only with the next.
        let limit = 8 * Submitter.batchLimit
        for start in stride(from: 0, to: lines.count, by: limit) {
            let batch = lines[start..<min(start + limit, lines.count)].map(read)
            let submissions = batch.compactMap { try? $0.reading.get() }
            var outcomes = try submitter.submit(submissions).makeIterator()
            for (number, reading) in batch {
                let result: Result =
                    switch reading {
                    case .success(let submission):
                        Result(number: number, submission: submission, outcome: Outcome(outcomes.next() ?? .submitted))
                    case .failure(let rejection):
                        Result(number: number, submission: nil, outcome: .invalid(rejection))
                    }
                tally.count(result.outcome)
                report(result)
            }
        }
    }

    private func read(
        _ line: LineSplitter.Line
    ) -> (number: Int, reading: Swift.Result<Submission, Rejection>) {
        guard let bytes = line.bytes else { return (line.number, .failure(.tooLarge(limit: maximumBytes))) }
        let (limit, derivation) = (maximumBytes, derivation)
        return (
            line.number,
            Swift.Result { () throws(Rejection) in
                guard let derivation else { return try Submission(line: bytes, maximumBytes: limit) }
                return try Submission(content: bytes, by: derivation, maximumBytes: limit)
            }
        )
    }
}

extension LineSubmitter.Outcome {
    init(_ outcome: Submitter.Outcome) {
        self =
            switch outcome {
            case .submitted: .submitted
            case .duplicate(let standing): .duplicate(of: standing)
            case .conflict(let standing): .conflict(with: standing)
            }
    }
}

extension LineSubmitter.Tally {
    mutating func count(_ outcome: LineSubmitter.Outcome) {
        switch outcome {
        case .submitted: submitted += 1
        case .duplicate: duplicates += 1
        case .conflict: conflicts += 1
        case .invalid: invalid += 1
        }
    }
}
