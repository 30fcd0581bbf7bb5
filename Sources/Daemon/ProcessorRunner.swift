internal import Claim
internal import Engine
internal import Files
internal import Process
internal import Program
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Runs the processor where the engine asks for it, and tells it what came of that. No more run at once than it asks for.
final class ProcessorRunner: Sendable {
    private let program: Program
    private let guardian: ProgramGuard?
    private let spool: Spool
    private let mailbox: Mailbox
    private let running = Mutex<[Key: StopSwitch]>([:])
    /// An entry for each run that has ended since it was last looked.
    private let ended = Inbox<Key>()

    init(_ program: Program, _ guardian: ProgramGuard?, spool: Spool, mailbox: Mailbox) {
        self.program = program
        self.guardian = guardian
        self.spool = spool
        self.mailbox = mailbox
    }

    /// How many run.
    var count: Int { running.withLock { $0.count } }

    /// Starts a run. Answers at once only if there is none to make, since the request has left processing/.
    func start(_ assignment: Assignment) -> Event? {
        let key = assignment.key
        // A spool that can't be read for a moment is no reason to wait: only a request known to be gone is.
        if (try? spool.processing.contains(key.fileName)) == false { return .processed(key, nil) }
        let stop = StopSwitch()
        running.withLock { $0[key] = stop }
        Task.detached { [self] in
            let variables = ["INVOICE_KEY": key.name, "INVOICE_ID": assignment.invoice.id]
            let run = await program.run(
                assignment.invoice.encoded(), environment: variables, stop: stop, guardian: guardian)
            mailbox.put([.processed(key, ProcessorOutcome(of: run, program: program.path.string))])
            running.withLock { $0[key] = nil }
            ended.put([key])
        }
        return nil
    }

    /// Ends all that run, and waits until they have ended and the mailbox knows.
    func close() {
        for stop in running.withLock({ Array($0.values) }) { stop.stop() }
        while count > 0 { _ = ended.take() }
    }
}
