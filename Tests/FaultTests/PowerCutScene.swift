import Foundation
import TestSupport

/// One cut: a spool with a past, a load on it, the cut, and what is left.
final class PowerCutScene {
    /// How many requests stand in done/, and how many in dead/, before anything happens.
    static let past = 8
    static let subscriptions = ["audit", "hook"]

    /// What is left of it, to be judged.
    struct Aftermath {
        let plan: PowerCutPlan
        /// As the journal left it.
        let wreck: PowerCutSnapshot
        /// After the daemon has started again and worked everything off.
        let after: PowerCutSnapshot
        let ledger: PowerCutLedger.Record
        /// What the `.billhook/id` of the spools holds that were made, by path.
        let ids: [String: String]
        /// What the restarted daemon ended with.
        let status: Int32
    }

    let plan: PowerCutPlan
    private let scratch: ScratchDirectory
    private let ledger = PowerCutLedger()
    private let trigger: PowerCutTrigger
    private let receiver: Receiver
    private let volume: PowerCutVolume
    private var spool: String { volume.path + "/spool" }

    init(_ plan: PowerCutPlan) throws {
        self.plan = plan
        scratch = try ScratchDirectory()
        let trigger = PowerCutTrigger(plan.moment)
        self.trigger = trigger
        receiver = try Receiver { [ledger] call in
            let (status, count) = ledger.hear(call, isTooLate: trigger.isTooLate)
            trigger.called(count)
            return .status(status)
        }
        volume = try PowerCutVolume(plan.kind, in: scratch)
    }

    deinit {
        receiver.stop()
        trigger.disarm()
        volume.unmount()
    }

    /// Lets it happen.
    func play() throws -> Aftermath {
        try prepare()
        try cut()
        volume.unmount()
        try volume.mount()
        let wreck = try PowerCutSnapshot(spool)
        ledger.note { $0.isAfter = true }
        let status = try billhook("run", "--drain", "--wait-retries")
        let after = try PowerCutSnapshot(spool)
        let record = ledger.current
        let ids = record.born.keys.map {
            ($0, (try? String(contentsOfFile: $0 + "/.billhook/id", encoding: .utf8)) ?? "")
        }
        volume.unmount()
        return Aftermath(
            plan: plan, wreck: wreck, after: after, ledger: record, ids: Dictionary(uniqueKeysWithValues: ids),
            status: status)
    }

    /// What the daemons have said.
    var log: String { (try? String(contentsOfFile: scratch.path("billhook.log"), encoding: .utf8)) ?? "" }

    // MARK: Before

    /// Makes the spool and gives it a past: requests in done/, and in dead/ some whose receiver was out of order.
    private func prepare() throws {
        let keySource = plan.load == .orders ? "field:order" : "name"
        guard try billhook("init", "--key-from", keySource) == 0 else {
            throw HarnessError("The spool could not be made: \(log)")
        }
        for name in PowerCutScene.subscriptions {
            let text = #"{"url":"\#(receiver.url)","events":["invoice.processed"],"retry":["15ms","15ms","30ms"]}"#
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(spool)/subscriptions/\(name).json"))
        }
        for number in 0..<PowerCutScene.past {
            for key in ["done-\(number)", "gone-\(number)"] {
                try Data(PowerCutRequest.content(key)).write(to: URL(fileURLWithPath: "\(spool)/incoming/\(key).json"))
            }
        }
        ledger.note { $0.receiverIsDown = true }
        // Another test that starts a program at this moment may hold a file open until that has begun: it is left then.
        for _ in 0..<20 where try !PowerCutSnapshot(spool).requests("incoming").isEmpty {
            _ = try billhook("run", "--drain", "--wait-retries", "--durability", "process")
        }
        let past = try PowerCutSnapshot(spool)
        guard past.requests("done").count == PowerCutScene.past, past.requests("dead").count == PowerCutScene.past
        else {
            throw HarnessError("The past went wrong:\n\(past.listing)\n\(log)")
        }
        ledger.note { record in
            record.receiverIsDown = false
            record.past = record.heard.count
        }
        try volume.sync()
    }

    private func billhook(_ command: String, _ arguments: String...) throws -> Int32 {
        try spawn([command, "--spool", spool] + arguments).wait()
    }

    private func spawn(_ arguments: [String]) throws -> Spawn {
        try PowerCutProgram.start(arguments, scratch, output: scratch.path("billhook.out"))
    }

    // MARK: The cut

    private func cut() throws {
        let power = try PowerCutSwitch(of: volume)
        trigger.arm(power)
        let crew = PowerCutCrew()
        let submitter = PowerCutSubmitter(scratch: scratch, spool: spool, ledger: ledger, trigger: trigger)
        let players = PowerCutPlayers(
            plan, spool: spool, ledger: ledger, power: power, crew: crew, submitter: submitter)
        let lanes = String(1 + plan.seed % 3)
        let daemon =
            plan.isServed ? try spawn(["run", "--spool", spool, "--durability", "full", "--lanes", lanes]) : nil
        players.start()
        // A plan whose moment does not come (the requests were too few, or the daemon too fast) ends all the same.
        try? eventually("the power goes", timeout: .seconds(4)) { power.isOff }
        power.pull()
        daemon?.signal(SIGKILL)
        submitter.kill()
        crew.join()
        _ = try daemon?.wait()
        trigger.disarm()
        try power.confirm()
    }
}
