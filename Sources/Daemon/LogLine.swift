public import Logging
public import Times

/// A line of the log: the moment in UTC, the level, the message.
public struct LogLine: CustomStringConvertible {
    public let description: String

    public init(_ moment: Timestamp, _ level: Logger.Level, _ message: String) {
        description = "\(moment.iso8601) \(level) \(message)"
    }
}
