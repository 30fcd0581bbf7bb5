import Daemon
import Engine
import JSON
import Operate
import Times

/// What the batch job tells: a bar on a terminal while it works, and a summary at the end.
final class DrainReport {
    private let asJSON: Bool
    private let writer: LogWriter
    private let showsBar = Terminal.errorIsTerminal

    init(asJSON: Bool, _ writer: LogWriter) {
        self.asJSON = asJSON
        self.writer = writer
    }

    /// One line that is written over: what has ended, out of what is known, since nobody knows what is still to be read.
    func progress(_ progress: Daemon.Progress) {
        guard showsBar else { return }
        let ended = progress.tally.done + progress.tally.dead
        let width = 24
        let filled = ended + progress.inHand == 0 ? width : width * ended / (ended + progress.inHand)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        writer.show("\(bar) \(ended) ended, \(progress.inHand) in hand")
    }

    /// Throws `OperateError` if standard output can't be written: a job's summary is its result.
    func end(_ summary: Daemon.Summary) throws(OperateError) {
        writer.show("")
        // On a terminal, or in a file that takes both, the summary comes last.
        writer.flush()
        try Output.line(asJSON ? DrainReport.json(summary) : DrainReport.text(summary))
    }

    static func text(_ summary: Daemon.Summary) -> String {
        let tally = summary.tally
        let seconds = Double(summary.elapsed.wholeMilliseconds) / 1000
        let unclaimed = summary.unclaimed > 0 ? ", unclaimed \(summary.unclaimed)" : ""
        return
            "done \(tally.done), dead \(tally.dead), waiting \(summary.waiting)\(unclaimed), incomplete \(summary.incomplete),"
            + " duplicates \(tally.duplicates), conflicts \(tally.conflicts), refused \(tally.refused), \(seconds) seconds"
    }

    static func json(_ summary: Daemon.Summary) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("done", summary.tally.done)
        writer.member("dead", summary.tally.dead)
        writer.member("waiting", summary.waiting)
        writer.member("unclaimed", summary.unclaimed)
        writer.member("incomplete", summary.incomplete)
        writer.member("duplicates", summary.tally.duplicates)
        writer.member("conflicts", summary.tally.conflicts)
        writer.member("refused", summary.tally.refused)
        writer.member("milliseconds", Int64(summary.elapsed.wholeMilliseconds))
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
