/// Why the processor did not process an invoice: for the `.error` sidecar, and the person who finds it.
public struct ProcessorFailure: Error, Sendable, Equatable {
    /// The kinds of failure; a program may rely on their names.
    public enum Kind: String, Sendable, CaseIterable {
        /// It exited with a code that says no more than that it failed, or that the fault is its own.
        case failed = "processor_failed"
        /// It does not accept this invoice.
        case refused = "processor_refused"
        /// It is not set up as it needs to be.
        case misconfigured = "processor_misconfigured"
        /// Something that it needs did not work: a service, a file, another system.
        case unavailable = "processor_unavailable"
        /// A signal ended it.
        case killed = "processor_killed"
        case timedOut = "processor_timed_out"
        case tooMuchOutput = "processor_output_too_large"
        /// It exited with 0, and its standard output is no JSON object.
        case badResult = "processor_bad_result"
        /// It could not be started at all.
        case notStarted = "processor_not_started"
    }

    /// What `code` names, to switch over.
    public let kind: Kind
    /// A whole sentence: the program, and what became of it. Nothing of what it read or wrote.
    public let message: String
    /// Whole sentences: what to do.
    public let hint: String
    /// The last lines of its standard error, without control characters.
    public let lastLines: [String]

    init(_ kind: Kind, _ message: String, hint: String, lastLines: [String] = []) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.lastLines = lastLines
    }

    /// The kind by its name in `.error` sidecars.
    public var code: String { kind.rawValue }
}
