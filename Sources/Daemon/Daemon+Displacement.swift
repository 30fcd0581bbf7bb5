internal import Engine
internal import Logging
internal import Spool
internal import SystemPackage
internal import Times

/// When what stands at the spool's path is no longer what is being served: a directory was removed or replaced, the spool
/// renamed or unmounted.
///
/// What is under way is recorded, as far as the directories that are open allow. Then the program starts over in the same
/// process, holding nothing of the old spool, so that its disk can be checked and mounted again; and waits for a spool.
extension Daemon {
    func leave(_ displacement: Displacement) {
        guard self.displacement == nil else { return }
        self.displacement = displacement
        let place = displacement.name.isEmpty ? "\(spool.path)" : "\(spool.path.appending(displacement.name))"
        switch displacement.kind {
        case .gone:
            log.error("\(place) is gone: removed, renamed or unmounted; nothing is claimed until it is back")
        case .replaced:
            log.error("\(place) is another directory than the one that is served; nothing more is claimed there")
        }
        stopDeadline = stopDeadline ?? ContinuousClock.now + options.shutdownTimeout
    }

    /// Begins anew; returns only if it is told to stop, or can't.
    func startOver(after served: Duration) {
        // Whatever is wrong, it is not begun anew more often than once a second.
        if served < .seconds(1), Signals.waitForEnd(atMost: .seconds(1)) { return log.notice("stopped") }
        // Its thread ends with the program that is replaced.
        writer.flush()
        let code = Restart.now()
        log.error("this program can't be started over: \(code); start it by hand")
    }
}
