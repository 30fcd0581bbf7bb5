internal import Glibc
public import Process
internal import Subprocess
public import SystemPackage

/// A program to run, and what each run of it may take.
///
/// It runs in a process group of its own with the environment and the working directory of this process, no signal
/// blocked or ignored, and no descriptor but 0, 1 and 2.
public struct Program: Sendable {
    /// An absolute path, so that nothing that changes `PATH` or the working directory changes what is run.
    public let path: FilePath
    public let arguments: [String]
    /// How long a run may take.
    public var timeLimit = Duration.seconds(60)
    /// What a run that has to end gets between SIGTERM and SIGKILL.
    public var grace = Duration.seconds(5)
    /// The most bytes of standard output.
    public var outputLimit = 1 << 20
    /// How many bytes of the end of standard error are kept.
    public var errorsKept = 4096

    public init(path: FilePath, arguments: [String] = []) {
        self.path = path
        self.arguments = arguments
    }

    /// Runs it once: writes `input` to its standard input, and reads the rest until it has ended.
    ///
    /// It never fails otherwise than by what it returns, and returns at the latest when `timeLimit` and `grace` have
    /// passed. A program that does not read its input, that goes on after it has closed its output, or whose children
    /// keep that open holds up nothing longer. When it has to end, it and the children in its process group do.
    ///
    /// - Parameters:
    ///   - environment: variables to add to this process's own.
    ///   - stop: ends the run early.
    ///   - guardian: ends it if this process dies.
    public func run(
        _ input: [UInt8], environment: [String: String], stop: StopSwitch = StopSwitch(), guardian: ProgramGuard? = nil
    ) async -> ProgramRun {
        var options = PlatformOptions()
        options.processGroupID = 0
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map {
                (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value as String?)
            })
        do {
            let result = try await Subprocess.run(
                .path(path), arguments: Arguments(arguments), environment: .inherit.updating(variables),
                platformOptions: options, input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                await Supervision(self, stop, guardian).watch(execution, feeding: input)
            }
            return result.closureResult.run(endedBy: result.terminationStatus, timeLimit: timeLimit, outputLimit)
        } catch let error as SubprocessError {
            return ProgramRun(end: .notStarted(problem(behind: error)))
        } catch {
            return ProgramRun(end: .notStarted(.other("\(error)")))
        }
    }

    private func problem(behind error: SubprocessError) -> StartProblem {
        // The library tells several errors as one, so the file is looked at.
        if error.code == .executableNotFound { return Program.problem(of: path) ?? .notFound }
        guard let code = error.underlyingError else { return .other(error.description) }
        switch code {
        case .execFormatError: return Program.problem(of: path) ?? .notAProgram
        case .textFileBusy: return .beingWritten
        case .resourceTemporarilyUnavailable, .noMemory, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .argListTooLong:
            return .noRoom(code.description)
        default: return .other(code.description)
        }
    }
}
