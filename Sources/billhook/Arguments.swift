public import ArgumentParser
import Glibc
public import Logging
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
            Terminal.printError("The environment variable BILLHOOK_\(name) has a value that can't be used: '\(string)'.")
            exit(EX_USAGE)
        }
        return value
    }
}

extension Duration: @retroactive ExpressibleByArgument {
    /// `200ms`, `5s`, `30m`, `2h`, `1d`.
    public init?(argument: String) {
        self.init(text: argument)
    }

    public var defaultValueDescription: String { text }
}

extension Durability: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}
