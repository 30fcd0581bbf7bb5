import Daemon
import Files
import Logging
import Times

/// Logs one line a record.
struct LineLogHandler: LogHandler {
    let writer: LogWriter
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        writer.put(LogLine(.now, event.level, "\(event.message)").description)
    }
}
