/// How one run of the processor ended, and what it wrote: facts alone, for ``ProcessorOutcome`` to judge.
public struct ProgramRun: Sendable, Equatable {
    public enum End: Sendable, Equatable {
        /// It ended by itself with this exit code.
        case exited(Int32)
        /// A signal that Billhook did not send ended it.
        case killed(signal: Int32)
        /// It was still running after this time, and was ended.
        case timeLimit(Duration)
        /// It wrote more than so many bytes to standard output, and was ended.
        case tooMuchOutput(limit: Int)
        /// It never ran.
        case notStarted(StartProblem)
        /// It was ended because Billhook was asked to stop, and did not end well: nothing is known of its work.
        case stopped
    }

    public let end: End
    /// All of standard output, within the limit.
    public let output: [UInt8]
    /// The end of standard error.
    public let errors: [UInt8]
    /// Whether something came before `errors` that was not kept.
    public let errorsAreCut: Bool

    public init(end: End, output: [UInt8] = [], errors: [UInt8] = [], errorsAreCut: Bool = false) {
        self.end = end
        self.output = output
        self.errors = errors
        self.errorsAreCut = errorsAreCut
    }
}
