public import ArgumentParser
import Glibc
import Logging
public import Spool
import Times

/// The environment variables that stand in for options which were not given: `BILLHOOK_SPOOL` for `--spool`.
enum Environment {
    static func value<Value: ExpressibleByArgument>(_ name: String) -> Value? {
        guard let text = getenv("BILLHOOK_" + name) else { return nil }
        let string = String(cString: text)
        guard !string.isEmpty else { return nil }
        guard let value = Value(argument: string) else {
            // A setting that is not understood must not be passed over in silence.
            Terminal.printError("The variable BILLHOOK_\(name) has a value that can't be used: '\(string)'.")
            exit(EX_USAGE)
        }
        return value
    }
}

/// A span of time as an argument: `200ms`, `5s`, `30m`, `2h`, `1d`.
struct Span: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = Duration(text: argument) else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String { duration.text }
}

/// A span of time after which something happens, or `never`.
struct Limit: ExpressibleByArgument {
    /// `nil` for never.
    let duration: Duration?

    static let never = Limit(duration: nil)

    private init(duration: Duration?) {
        self.duration = duration
    }

    init?(argument: String) {
        if argument == "never" {
            duration = nil
        } else {
            guard let span = Span(argument: argument) else { return nil }
            duration = span.duration
        }
    }

    var defaultValueDescription: String { duration?.text ?? "never" }
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
