internal import Process
internal import Subprocess
internal import Synchronization

/// One run of a program from its start to its end.
///
/// All signals are sent while the library has not yet reaped the program, so its number, which is that of its process
/// group, can't be another's.
struct Supervision {
    typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    /// What was seen of a run when its program had ended.
    struct Findings {
        let output: [UInt8]
        let wroteTooMuch: Bool
        let errors: ErrorTail
        /// Why it had to end; `nil` if it ended by itself.
        let order: StopSwitch.Order?
    }

    private let program: Program
    private let stop: StopSwitch
    private let guardian: ProgramGuard?

    init(_ program: Program, _ stop: StopSwitch, _ guardian: ProgramGuard?) {
        self.program = program
        self.stop = stop
        self.guardian = guardian
    }

    func watch(_ running: Running, feeding input: [UInt8]) async -> Findings {
        let group = running.processIdentifier.value
        guardian?.hold(group)
        defer { guardian?.release(group) }
        let hasEnded = Flag()
        async let fed: Void = feed(input, to: running.standardInputWriter)
        async let output = collect(running.standardOutput)
        async let errors = keepEnd(of: running.standardError, hasEnded)
        let clock = Task { [program, stop] in
            // Cancelled when the program ends before.
            try await Task.sleep(for: program.timeLimit)
            stop.give(.timeLimit)
        }
        let ender = Task { await end(running) }
        await waitForEnd(of: running)
        hasEnded.raise()
        clock.cancel()
        ender.cancel()
        let order = await ender.value
        await fed
        let (bytes, wroteTooMuch) = await output
        return Findings(output: bytes, wroteTooMuch: wroteTooMuch, errors: await errors, order: order)
    }

    /// Ends the group at the first order to do so. SIGKILL follows in any case: a child may outlive the program itself.
    private func end(_ running: Running) async -> StopSwitch.Order? {
        for await order in stop.orders {
            try? running.send(signal: .terminate, toProcessGroup: true)
            // Cancelled when the program ends within its grace.
            try? await Task.sleep(for: program.grace)
            try? running.send(signal: .kill, toProcessGroup: true)
            return order
        }
        return nil
    }

    /// The library shows no other way to wait for the end alone: signal 0 is sent, which is none (`kill(2)`), and what
    /// would follow comes later than everything else here has.
    private func waitForEnd(of running: Running) async {
        let never = program.timeLimit + program.grace * 3 + .seconds(10)
        await running.teardown(using: [
            .send(signal: Signal(rawValue: 0), toProcessGroup: true, allowedDurationToNextStep: never)
        ])
    }

    /// A program that closes its input, or ends, before it has read everything does so on purpose.
    private func feed(_ input: [UInt8], to writer: StandardInputWriter) async {
        _ = try? await writer.write(input)
        try? await writer.finish()
    }

    private func collect(_ output: SubprocessOutputSequence) async -> ([UInt8], wroteTooMuch: Bool) {
        var bytes: [UInt8] = []
        do {
            for try await buffer in output {
                buffer.withUnsafeBytes { bytes += $0 }
                if bytes.count > program.outputLimit {
                    stop.give(.tooMuchOutput)
                    return ([], true)
                }
            }
        } catch {}
        return (bytes, false)
    }

    /// Reads on as long as the program runs, so that it never has to wait, and after its end what it left in the pipe: a
    /// child that goes on writing is not listened to for ever.
    private func keepEnd(of errors: SubprocessOutputSequence, _ hasEnded: Flag) async -> ErrorTail {
        var tail = ErrorTail(keeping: program.errorsKept)
        var lateBytes = 0
        do {
            for try await buffer in errors {
                buffer.withUnsafeBytes { tail.append($0) }
                if hasEnded.isRaised { lateBytes += buffer.count }
                if lateBytes > 1 << 20 { break }
            }
        } catch {}
        return tail
    }
}

/// Something that happens once, seen by another task.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() { value.store(true, ordering: .relaxed) }
}

extension Supervision.Findings {
    /// The facts, once it is known how the program ended.
    ///
    /// What the program says at its end counts even if it was asked to stop: one that then exits with 0 has done its work,
    /// and would do it twice otherwise. The time limit leaves no such doubt.
    func run(endedBy status: TerminationStatus, timeLimit: Duration, _ outputLimit: Int) -> ProgramRun {
        ProgramRun(
            end: end(status, timeLimit, outputLimit), output: output, errors: errors.bytes, errorsAreCut: errors.isCut)
    }

    private func end(_ status: TerminationStatus, _ timeLimit: Duration, _ outputLimit: Int) -> ProgramRun.End {
        if wroteTooMuch { return .tooMuchOutput(limit: outputLimit) }
        switch (order, status) {
        case (.timeLimit, _): return .timeLimit(timeLimit)
        case (.stop, .exited(0)): return .exited(0)
        case (.stop, _): return .stopped
        case (_, .exited(let code)): return .exited(code)
        case (_, .signaled(let signal)): return .killed(signal: signal)
        }
    }
}
