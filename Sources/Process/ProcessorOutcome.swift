internal import JSON

/// What a run of the processor means for its invoice.
///
///     exit 0, nothing on standard output      done, without a result
///     exit 0, a JSON object                   done, with it as the result
///     exit 0, anything else                   failed
///     exit 75 (EX_TEMPFAIL)                   to be tried again later
///     any other exit code, a signal           failed
///     time limit, too much output             failed
///     could not be started                    unstartable: a matter of the machine, so the invoice waits
///     ended since Billhook stops              stopped: as if it had never begun
///
/// The codes are those of `sysexits.h`.
public enum ProcessorOutcome: Sendable, Equatable {
    /// The bytes of the JSON object that it wrote; `nil` if it wrote nothing.
    case done(result: [UInt8]?)
    /// It asked for another run later. The sentence says so, without anything of what it wrote.
    case tryLater(String)
    case failed(ProcessorFailure)
    case unstartable(ProcessorFailure)
    case stopped
}

extension ProcessorOutcome {
    /// The exit code that asks for another run: `EX_TEMPFAIL`.
    static let tryLaterCode: Int32 = 75

    /// How deep a result may be: it stands in the `.invoice`, which must not get deeper than readers go.
    static let deepestResult = 120

    /// Judges a run of the program at a path.
    public init(of run: ProgramRun, program: String) {
        let teller = FailureTeller(program: program, lastLines: LastLines.of(run.errors, isCut: run.errorsAreCut))
        switch run.end {
        case .exited(0): self = Self.judge(run.output, teller)
        case .exited(Self.tryLaterCode):
            self = .tryLater("The processor \(program) asks to be run again later (exit code 75, EX_TEMPFAIL).")
        case .exited(let code): self = .failed(teller.exited(code))
        case .killed(let signal): self = .failed(teller.killed(signal))
        case .timeLimit(let limit): self = .failed(teller.timedOut(limit))
        case .tooMuchOutput(let limit): self = .failed(teller.wroteTooMuch(limit))
        case .notStarted(let problem): self = .unstartable(teller.notStarted(problem))
        case .stopped: self = .stopped
        }
    }

    private static func judge(_ output: [UInt8], _ teller: FailureTeller) -> ProcessorOutcome {
        let text = trimmed(output)
        if text.isEmpty { return .done(result: nil) }
        do {
            let value = try JSONReader.read(Array(text), maximumDepth: deepestResult)
            guard value.object != nil else { return .failed(teller.wroteNoObject(value.kindName)) }
            return .done(result: Array(text))
        } catch {
            return .failed(teller.wroteNoJSON(error.summary))
        }
    }

    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let white = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        guard let first = bytes.firstIndex(where: { !white.contains($0) }),
            let last = bytes.lastIndex(where: { !white.contains($0) })
        else { return [] }
        return bytes[first...last]
    }
}
