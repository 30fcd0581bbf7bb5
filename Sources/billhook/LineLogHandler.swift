import Files
import Logging
import Times

/// Logs to standard error, one line a record: the moment in UTC, the level, the message.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Terminal.printError("\(Timestamp.now.iso8601) \(event.level) \(event.message)")
    }
}
