import Glibc
import Operate

/// A progress bar on standard error, drawn over itself; nothing at all where that is no terminal.
final class ProgressLine {
    private let start = SuspendingClock.now
    private var lastDrawn: SuspendingClock.Instant?

    /// Draws it, at most ten times a second.
    func show(done: Int, total: Int?) {
        guard Terminal.errorIsTerminal else { return }
        let now = SuspendingClock.now
        if let lastDrawn, lastDrawn.duration(to: now) < .milliseconds(100) { return }
        lastDrawn = now
        let elapsed = start.duration(to: now) / Duration.seconds(1)
        let rate = elapsed > 0.5 ? Double(done) / elapsed : nil
        Terminal.overwriteErrorLine(
            ProgressBar.line(done: done, total: total, rate: rate, width: ProgressLine.width - 1))
    }

    /// Wipes it, so that a line can be printed.
    func clear() {
        guard lastDrawn != nil else { return }
        lastDrawn = nil
        Terminal.overwriteErrorLine("")
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
