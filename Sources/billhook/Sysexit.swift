import ArgumentParser
import Operate

/// The exit codes of `sysexits(3head)`, as scripts and mail systems know them.
enum Sysexit: Int32 {
    /// The command line is wrong.
    case usage = 64
    /// What was given is not acceptable.
    case dataError = 65
    /// What was named does not stand.
    case noInput = 66
    /// A service that is needed does not answer as it should.
    case unavailable = 69
    /// Something that is to be made can't be made.
    case cannotCreate = 73
    /// Reading or writing failed.
    case inputOutput = 74
    /// Try again later.
    case tryAgain = 75
    /// A right is missing.
    case noPermission = 77
    /// The configuration is wrong.
    case configuration = 78

    init(_ kind: OperateError.Kind) {
        self =
            switch kind {
            case .usage: .usage
            case .data: .dataError
            case .noInput: .noInput
            case .cannotCreate: .cannotCreate
            case .inputOutput: .inputOutput
            case .tryAgain: .tryAgain
            case .notPermitted: .noPermission
            case .configuration: .configuration
            }
    }

    var exitCode: ExitCode { ExitCode(rawValue) }

    /// Runs what a command does: its errors are told in whole sentences, on standard error unless told otherwise, and become
    /// exit codes.
    static func mapping<Result>(
        telling tell: (String) -> Void = Terminal.printError, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as OperateError {
            tell("billhook: \(error)")
            throw Sysexit(error.kind).exitCode
        }
    }
}
