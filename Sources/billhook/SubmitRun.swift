import ArgumentParser
import Operate
import Process
import Spool
import SystemPackage

/// One run of `submit`, from its options to its exit code.
///
/// A problem with one request does not keep the others from being submitted; the first one decides the exit code.
final class SubmitRun {
    let spool: Spool
    let maximumBytes: Int
    let goal: Waiter.Goal?
    private let timeout: Duration
    let printer: SubmitPrinter
    /// Made before anything is submitted, so that no change is missed.
    private let changes: SpoolChanges?
    var awaited: [Submission] = []
    private var problem: Sysexit?

    init(_ spool: Spool, goal: Waiter.Goal?, timeout: Duration, maximumBytes: Int, isJSON: Bool) {
        self.spool = spool
        self.maximumBytes = maximumBytes
        self.goal = goal
        self.timeout = timeout
        printer = SubmitPrinter(isJSON: isJSON, isWaiting: goal != nil)
        changes = goal.map { SpoolChanges(spool, until: $0) }
    }

    func submit(_ command: SubmitCommand) throws {
        let files = command.file.isEmpty ? ["-"] : command.file
        if command.jsonl {
            for file in files { try submitLines(file) }
        } else if let customer = command.customer, let amount = command.amountCents {
            let content = Submission.content(customerID: customer, amountCents: amount, currency: command.currency)
            try submit(content, as: command.key ?? "", from: "the request")
        } else {
            for file in files { try submit(file, as: command.key) }
        }
    }

    /// Waits, if that was asked for. Returns the exit code if it is not 0.
    func finish() throws -> Sysexit? {
        if let goal, let changes, !awaited.isEmpty {
            var failure: OperateError?
            let late = try Waiter(spool, until: goal).wait(
                for: awaited, timeout: timeout, next: changes.next
            ) { [printer] key, ending in
                do throws(OperateError) {
                    if try printer.print(key, ending) == .bad { self.remember(.dataError) }
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            for key in late {
                try printer.print(late: key, try Lateness(spool).sentence(key, goal, timeout))
                remember(.tryAgain)
            }
        }
        return problem
    }

    // MARK: Files

    private func submit(_ file: String, as key: String?) throws {
        do throws(OperateError) {
            let content = try read(file)
            let name = FilePath(file).lastComponent?.string ?? file
            let stem = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
            try submit(content, as: key ?? stem, from: file == "-" ? "standard input" : file)
        } catch {
            // What stands in the way of one file may not stand in the way of the next.
            guard error.kind == .noInput || error.kind == .notPermitted || error.kind == .data else { throw error }
            try printer.print(problem: error, with: file)
            remember(Sysexit(error.kind))
        }
    }

    private func read(_ file: String) throws(OperateError) -> [UInt8] {
        do throws(Errno) {
            if file == "-" { return try Input.standardInput().all(upTo: maximumBytes + 1) }
            return try Input(FilePath(file)).all(upTo: maximumBytes + 1)
        } catch {
            throw OperateError(error, problem: "\(file) can't be read")
        }
    }

    private func submit(_ content: [UInt8], as name: String, from source: String) throws(OperateError) {
        let key = spool.keySource == .name ? try SubmitRun.key(name) : nil
        let submission: Submission
        do throws(Rejection) {
            submission = try self.submission(content, key)
        } catch {
            try printer.print(invalid: error, key: key, from: source)
            return remember(.dataError)
        }
        let outcome = try Submitter(spool).submit(submission)
        try take(submission, outcome)
    }

    private func submission(_ content: [UInt8], _ key: Key?) throws(Rejection) -> Submission {
        if let key { return try Submission(key: key, content: content, maximumBytes: maximumBytes) }
        return try Submission(
            content: content, by: spool.keySource.derivation ?? .content, maximumBytes: maximumBytes)
    }

    private static func key(_ name: String) throws(OperateError) -> Key {
        guard let key = Key(name) else {
            let objection = Key.objection(to: name) ?? "it has a form of its own"
            throw OperateError(
                .data,
                "'\(DropName.escaped(Array(name.utf8)))' can't be a key: \(objection). Name another one with --key.")
        }
        return key
    }

    private func take(_ submission: Submission, _ outcome: Submitter.Outcome) throws(OperateError) {
        try printer.print(submission.key, outcome)
        if case .conflict = outcome { return remember(.dataError) }
        if goal != nil { awaited.append(submission) }
    }

    /// The first problem counts.
    func remember(_ code: Sysexit) {
        if problem == nil { problem = code }
    }
}
