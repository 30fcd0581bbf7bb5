import Foundation
import TestSupport
import Testing

@Suite("A power cut", .serialized)
struct PowerCutTests {
    @Test("loses nothing that was acknowledged, and makes no second invoice")
    func cuts() async {
        let isFull = ProcessInfo.processInfo.environment["BILLHOOK_TEST_FULL"] == "1"
        let first = ProcessInfo.processInfo.environment["BILLHOOK_TEST_SEED"].flatMap { UInt64($0) }
        let plans = PowerCutTests.plans(isFull ? [.ext4: 200, .xfs: 100] : [.ext4: 12, .xfs: 6], from: first ?? 0)
        guard !plans.isEmpty else { return }
        let tally = await PowerCutCrew.run { PowerCutTests.play(plans) }
        print(tally)
        #expect(tally.cuts == plans.count, "A cut did not come about; see the issues.")
        #expect(tally.acknowledged > 0, "No request was acknowledged before a cut, so nothing was checked.")
    }

    private static func plans(_ counts: [PowerCutVolume.Kind: Int], from first: UInt64) -> [PowerCutPlan] {
        PowerCutVolume.Kind.allCases.flatMap { kind -> [PowerCutPlan] in
            if let objection = PowerCutVolume.objection(to: kind) {
                print("power cuts on \(kind.rawValue) skipped: \(objection)")
                return []
            }
            let count = counts[kind] ?? 0
            // A few cuts are of every second kind, so that each file system sees what matters most.
            let step: UInt64 = count < 12 ? 2 : 1
            return (0..<UInt64(count)).map { PowerCutPlan(kind, seed: first + $0 * step + step - 1) }
        }
    }

    private static func play(_ plans: [PowerCutPlan]) -> PowerCutTally {
        var tally = PowerCutTally()
        for plan in plans {
            do {
                let scene = try PowerCutScene(plan)
                let aftermath = try scene.play()
                let violations = PowerCutJudge(aftermath).violations()
                tally.add(plan, aftermath.ledger, lost: violations.count { $0.contains("acknowledged") })
                guard !violations.isEmpty else { continue }
                Issue.record(
                    """
                    \(plan): \(violations.joined(separator: "\n  "))
                    The wreck:\n\(aftermath.wreck.listing)\nThe end:\n\(aftermath.after.listing)\n\(scene.log.suffix(2000))
                    """)
            } catch {
                Issue.record("\(plan): \(error)")
            }
        }
        return tally
    }
}
