import Foundation
import Synchronization
import TestSupport

/// Runs `billhook submit` and `billhook init`, and writes down what it acknowledges in the moment in which it says so.
final class PowerCutSubmitter: Sendable {
    private let scratch: ScratchDirectory
    private let spool: String
    private let ledger: PowerCutLedger
    private let trigger: PowerCutTrigger
    private let running = Mutex<(processes: [pid_t: Spawn], isClosed: Bool)>(([:], false))

    init(scratch: ScratchDirectory, spool: String, ledger: PowerCutLedger, trigger: PowerCutTrigger) {
        self.scratch = scratch
        self.spool = spool
        self.ledger = ledger
        self.trigger = trigger
    }

    /// Submits the requests of some keys in one process, whose end it waits for.
    func submit(_ keys: [String], waiting: Bool = false) {
        do {
            let files = try keys.map { key in
                try scratch.write(String(decoding: PowerCutRequest.content(key), as: UTF8.self), to: "in/\(key).json")
            }
            try run(["submit", "--spool", spool, "--json"] + (waiting ? ["--wait=processed"] : []) + files)
        } catch {
            ledger.note { $0.troubles.append("\(error)") }
        }
    }

    /// Makes another spool.
    func makeSpool(_ path: String) {
        do {
            try run(["init", "--spool", path, "--json"])
        } catch {
            ledger.note { $0.troubles.append("\(error)") }
        }
    }

    /// Ends all of them, and lets none start any more.
    func kill() {
        let processes = running.withLock { running in
            running.isClosed = true
            return running.processes.values.map { $0 }
        }
        for process in processes { process.signal(SIGKILL) }
    }

    private func run(_ arguments: [String]) throws {
        let pipe = scratch.path("submit-\(UUID().uuidString)")
        guard mkfifo(pipe, 0o600) == 0 else { throw HarnessError("No pipe: \(String(cString: strerror(errno))).") }
        // Opened before the writer is there, which would wait for a reader.
        let descriptor = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer {
            close(descriptor)
            unlink(pipe)
        }
        let process = try running.withLock { running -> Spawn? in
            if running.isClosed { return nil }
            let process = try PowerCutProgram.start(arguments, scratch, output: pipe)
            running.processes[process.processID] = process
            return process
        }
        guard let process else { return }
        _ = fcntl(descriptor, F_SETFL, 0)
        read(descriptor)
        _ = try process.wait()
        running.withLock { $0.processes[process.processID] = nil }
    }

    /// Reads lines until the writer has ended.
    private func read(_ descriptor: Int32) {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            text += buffer[..<count]
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(text[..<end])
                if !trigger.isTooLate, let count = ledger.acknowledge(line) { trigger.acknowledged(count) }
                text.removeFirst(end + 1)
            }
        }
    }
}
