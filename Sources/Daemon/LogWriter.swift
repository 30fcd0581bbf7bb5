internal import Files
internal import Times

/// Writes the log from a thread of its own, so that a reader who has stopped reading holds up nobody who logs.
public final class LogWriter: Sendable {
    private struct State {
        var queue = LogQueue()
        var isWriting = false
        /// Nothing has been written since a wait for it was in vain.
        var isStuck = false

        var isIdle: Bool { queue.isEmpty && !isWriting }
    }

    /// How long `flush` waits: ample for a reader that reads, and short beside the time that a service has for its end.
    private static let patience = Duration.seconds(1)

    private let state = Monitor(State())

    /// Starts the thread, and blocks SIGTERM and SIGINT before it, since one that did not would be ended by them.
    ///
    /// - Parameter write: writes to standard error, and may take as long as it likes.
    public init(_ write: @escaping @Sendable ([UInt8]) -> Void) throws(ThreadError) {
        Signals.block()
        _ = try Thread("log") { [state] in
            while true {
                let text = state.wait { state in
                    let text = state.queue.take(at: .now)
                    state.isWriting = text != nil
                    return text
                }
                write(text)
                state.change {
                    $0.isWriting = false
                    $0.isStuck = false
                }
            }
        }
    }

    /// Puts a line behind those that are still to be written.
    public func put(_ line: String) {
        state.change { $0.queue.put(line) }
    }

    /// Shows a bar below the lines, in the place of the last one; wipes it if it is empty.
    public func show(_ bar: String) {
        state.change { $0.queue.show(bar) }
    }

    /// Waits until everything has been written, for a second at the most: for what follows on standard output, or for the end of
    /// this program, which takes what is still to be written with it.
    ///
    /// If that was in vain, it is not waited for again until something has been written.
    public func flush() {
        let end: Void? = state.wait(atMost: LogWriter.patience) { $0.isIdle || $0.isStuck ? () : nil }
        if end == nil { state.change { $0.isStuck = !$0.isIdle } }
    }
}
