internal import Files
public import Spool
internal import SystemPackage
public import Times

/// Finds, explains and repairs every combination of files that a spool must not have.
///
/// It reads the directories a batch of names at a time, so that a spool of any size costs little memory; beside a daemon it
/// sees files in motion, and so looks at everything it finds twice.
public struct Checker: Sendable {
    private let spool: Spool
    private let capabilities: SpoolCapabilities
    private let host: CheckHost

    /// - Parameters:
    ///   - capabilities: what the file system can do, see `SpoolCapabilities.probe`; it is told in the report.
    ///   - host: what the machine gives, see `CheckHost.measure`; it is told as well.
    public init(_ spool: Spool, capabilities: SpoolCapabilities, host: CheckHost) {
        self.spool = spool
        self.capabilities = capabilities
        self.host = host
    }

    private static let batch = 512
    /// One repair may uncover the next: a twin its sidecars. None uncovers more than a few.
    private static let maximumPasses = 5
    /// How long a file beside a daemon may take from one place to the next, flushes included.
    private static let settlingMilliseconds: UInt32 = 500

    /// Looks, and changes nothing but trial files of its own.
    ///
    /// - Throws: `OperateError` if subscriptions/ can't be read; every other trouble is a finding.
    public func check(now: Timestamp) throws(OperateError) -> CheckReport {
        let holder = SpoolLock.currentHolder(of: spool)
        var report = try start(now, isRepair: false, servedBy: holder)
        let pass = CheckPass(spool, isServed: holder != nil)
        walk(pass) { report.findings.add($0) }
        recheck(pass, &report)
        return report
    }

    /// Looks, repairs what is safe to repair, and looks again, until nothing more can be.
    ///
    /// - Throws: `OperateError` of kind `tryAgain` while somebody serves the spool, and what `check` does. After a crash
    ///   some repairs have been done and others not; repairing again goes on from there.
    public func repair(now: Timestamp) throws(OperateError) -> CheckReport {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        var report = try start(now, isRepair: true, servedBy: nil)
        let surroundings = report.findings
        let pass = CheckPass(spool, isServed: false)
        for _ in 0..<Checker.maximumPasses {
            report.findings = surroundings
            let before = report.mended.count
            var mender = CheckMender(spool, now: now)
            walk(pass) { Checker.mend($0, &mender, &report) }
            do throws(Errno) {
                try mender.flush()
            } catch {
                throw OperateError(error, problem: "The repairs in \(spool.path) can't be made durable")
            }
            if report.mended.count == before { break }
        }
        return report
    }

    private func lock() throws(OperateError) -> SpoolLock {
        do throws(SpoolError) {
            return try SpoolLock(spool, holder: "billhook check --repair")
        } catch .locked(let path, let holder) {
            throw OperateError(
                .tryAgain,
                "The spool \(path) is served by \(holder), which moves files while they would be repaired. Stop it first;"
                    + " without --repair, a check beside it works.")
        } catch {
            throw OperateError(error)
        }
    }

    private func start(_ now: Timestamp, isRepair: Bool, servedBy: String?) throws(OperateError) -> CheckReport {
        var report = CheckReport(
            path: spool.path, at: now, isRepair: isRepair, servedBy: servedBy, capabilities: capabilities, host: host)
        for finding in capabilities.findings + host.findings { report.findings.add(finding) }
        for finding in try CheckSurroundings(spool: spool).findings() {
            report.findings.add(finding)
        }
        for finding in CheckPass.tmpFindings(spool, now: now) { report.findings.add(finding) }
        return report
    }

    // MARK: Walking

    private func walk(_ pass: CheckPass, _ tell: (CheckFinding) -> Void) {
        var waiting = 0
        for state in State.allCases {
            walk(spool.directory(state), .state(state), tell) { entry throws(Errno) in
                if state == .processing, case .request = CheckName(entry.name) { waiting += 1 }
                return try pass.findings(entry)
            }
        }
        walk(spool.aside, .aside, tell) { entry throws(Errno) in try pass.findings(entry) }
        if waiting > 0, !pass.isServed {
            let requests = waiting == 1 ? "1 request waits" : "\(waiting) requests wait"
            tell(
                CheckFinding(
                    .info, "unserved", "processing/", "\(requests) here, and nobody serves the spool.",
                    advice: "Start '\(spool.commands.billhook("run"))'."))
        }
    }

    private func walk(
        _ directory: Directory, _ place: CheckEntry.Place, _ tell: (CheckFinding) -> Void,
        _ examine: (CheckEntry) throws(Errno) -> [CheckFinding]
    ) {
        do throws(Errno) {
            let scan = try DirectoryScan(directory)
            while case let names = try scan.next(Checker.batch), !names.isEmpty {
                for name in names {
                    let entry = CheckEntry(place: place, name: name)
                    for finding in Checker.examining(entry, examine) { tell(finding) }
                }
            }
        } catch {
            tell(
                CheckFinding(
                    .error, "unreadable", place.path + "/", "The directory can't be read: \(error).",
                    advice: "Give this user the right, or check as the user that serves the spool."))
        }
    }

    /// What is wrong at an entry; that it can't be looked at is a finding as well, that it has gone is not.
    private static func examining(
        _ entry: CheckEntry, _ examine: (CheckEntry) throws(Errno) -> [CheckFinding]
    ) -> [CheckFinding] {
        var findings: [CheckFinding] = []
        do throws(Errno) {
            findings = try examine(entry)
        } catch .noSuchFileOrDirectory {
            return []
        } catch {
            findings = [
                CheckFinding(
                    .error, "unreadable", entry.path, "It, or what belongs to it, can't be read: \(error).",
                    advice: "Give this user the right, or check as the user that serves the spool.")
            ]
        }
        return findings.map { finding in
            var finding = finding
            finding.origin = entry
            return finding
        }
    }

    /// Beside a daemon or a person at work a file may have been met between two moves.
    private func recheck(_ pass: CheckPass, _ report: inout CheckReport) {
        guard report.findings.listed.contains(where: { $0.origin != nil }) else { return }
        if pass.isServed { CheckSystem.pause(milliseconds: Checker.settlingMilliseconds) }
        report.findings.keep { finding in
            guard let entry = finding.origin else { return true }
            let again = Checker.examining(entry) { entry throws(Errno) in try pass.findings(entry) }
            return again.contains { $0.isSame(as: finding) }
        }
    }

    private static func mend(_ finding: CheckFinding, _ mender: inout CheckMender, _ report: inout CheckReport) {
        guard let repair = finding.repair else { return report.findings.add(finding) }
        do throws(Errno) {
            if try mender.mend(repair) { report.mended.add(finding) } else { report.findings.add(finding) }
        } catch {
            report.findings.add(finding.unmended(because: "\(error)"))
        }
    }
}
