public import ArgumentParser
import Glibc
import Logging
public import Spool

/// The environment variables that stand in for options which were not given: `BILLHOOK_SPOOL` for `--spool`.
enum Environment {
    static func value<Value: ExpressibleByArgument>(_ name: String) -> Value? {
        guard let text = getenv("BILLHOOK_" + name) else { return nil }
        let string = String(cString: text)
        guard !string.isEmpty else { return nil }
        guard let value = Value(argument: string) else {
            // A setting that is not understood must not be passed over in silence.
            let advice = (Value.self as? any Explained.Type).map { " \($0.whatIsValid)" } ?? ""
            Terminal.printError("The variable BILLHOOK_\(name) has a value that can't be used: '\(string)'.\(advice)")
            exit(EX_USAGE)
        }
        return value
    }
}

/// How much is logged, from most to least.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

extension Durability: ExpressibleByArgument {}
