import Foundation
import TestSupport

/// Those who use the spool until the power goes.
///
/// What fails, fails because the power has gone: nobody looks at errors, and nobody flushes anything but `submit`.
final class PowerCutPlayers: Sendable {
    private let plan: PowerCutPlan
    private let spool: String
    private let ledger: PowerCutLedger
    private let power: PowerCutSwitch
    private let crew: PowerCutCrew
    private let submitter: PowerCutSubmitter

    init(
        _ plan: PowerCutPlan, spool: String, ledger: PowerCutLedger, power: PowerCutSwitch, crew: PowerCutCrew,
        submitter: PowerCutSubmitter
    ) {
        self.plan = plan
        self.spool = spool
        self.ledger = ledger
        self.power = power
        self.crew = crew
        self.submitter = submitter
    }

    func start() {
        startClock()
        switch plan.load {
        case .flood:
            for name in ["a", "b", "c"] {
                keepOn { [submitter] round in submitter.submit((0..<4).map { "\(name)-\(round * 4 + $0)" }) }
            }
            keepOn { self.copy("copy-\($0)") }
            keepOn { self.rename("move-\($0)") }
        case .calm:
            keepOn { number in
                let key = "calm-\(number)"
                if number % 2 == 0 { self.submitter.submit([key]) } else { self.copy(key) }
                self.await { self.stands("done/\(key).json") }
            }
        case .unserved:
            keepOn { self.submitter.submit(["lone-\($0)"]) }
        case .echoes:
            keepOn { number in
                self.copy("echo-\(number)")
                self.submitter.submit(["echo-\(number)"])
            }
        case .waits:
            keepOn { self.submitter.submit(["wait-\($0)"], waiting: true) }
        case .births:
            keepOn { self.submitter.makeSpool("\(self.spool)-\($0)") }
        case .returns:
            keepOn { self.moveBack($0) }
        case .rejects:
            keepOn { self.drop(toDie: $0) }
        case .orders:
            keepOn { self.copy("copy-\($0)", as: PowerCutRequest.orderName) }
            keepOn { self.rename("move-\($0)", as: PowerCutRequest.orderName) }
        }
    }

    // MARK: What they do

    /// `cp`: written in place, in pieces.
    private func copy(_ key: String, as name: (String) -> String = { "\($0).json" }) {
        ledger.note { $0.careless.insert(key) }
        write(PowerCutRequest.content(key), to: "incoming/\(name(key))")
    }

    /// Written in tmp/ and renamed, but never flushed.
    private func rename(_ key: String, as name: (String) -> String = { "\($0).json" }) {
        ledger.note { $0.careless.insert(key) }
        write(PowerCutRequest.content(key), to: "tmp/\(key)")
        move("tmp/\(key)", to: "incoming/\(name(key))")
    }

    /// A request that is done, to be replayed, or one that is dead, to be retried.
    private func moveBack(_ number: Int) {
        guard number < 2 * PowerCutScene.past else { return }
        let (key, state) = number % 2 == 0 ? ("done-\(number / 2)", "done") : ("gone-\(number / 2)", "dead")
        ledger.note { $0.returned.insert(key) }
        move("\(state)/\(key).json", to: "incoming/\(key).json")
        self.await { !stands("incoming/\(key).json") && stands("done/\(key).json") }
    }

    private func drop(toDie number: Int) {
        if number % 2 == 0 {
            ledger.note { $0.careless.insert("bad-\(number)") }
            write(PowerCutRequest.invalidContent("bad-\(number)"), to: "tmp/bad-\(number)")
            move("tmp/bad-\(number)", to: "incoming/bad-\(number).json")
            self.await { stands("dead/bad-\(number).json") }
        } else if number / 2 < PowerCutScene.past {
            let key = "done-\(number / 2)"
            write(PowerCutRequest.otherContent(key), to: "incoming/\(key).json")
            self.await { !stands("incoming/\(key).json") }
        }
    }

    private func write(_ bytes: [UInt8], to name: String) {
        let descriptor = open(spool + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        let half = bytes.count / 2
        _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, half) }
        _ = bytes[half...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    private func move(_ name: String, to target: String) {
        _ = Foundation.rename("\(spool)/\(name)", "\(spool)/\(target)")
    }

    // MARK: When

    /// Plans that know no event: a random instant, or one that a directory shows.
    private func startClock() {
        switch plan.moment {
        case .acknowledged, .called: break
        case .instant(let microseconds):
            crew.start { [power] in
                // A moment of no meaning: there is nothing to wait for.
                usleep(useconds_t(microseconds))
                power.pull()
            }
        case .settled(let count, let microseconds):
            let standing = settled
            crew.start { [self] in
                self.await { settled >= standing + count }
                // Some moment after the event that was waited for.
                usleep(useconds_t(microseconds))
                power.pull()
            }
        }
    }

    private var settled: Int {
        ["done", "dead"].reduce(0) { sum, directory in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(spool)/\(directory)")) ?? []
            return sum + names.count { $0.hasSuffix(".json") }
        }
    }

    /// Does something again and again until the power has gone, or enough of it has been done.
    private func keepOn(_ act: @escaping @Sendable (Int) -> Void) {
        crew.start { [power] in
            for number in 0..<500 where !power.isOff { act(number) }
        }
    }

    private func stands(_ name: String) -> Bool { access("\(spool)/\(name)", F_OK) == 0 }

    private func await(_ condition: () -> Bool) {
        while !power.isOff, !condition() { usleep(200) }
    }
}
