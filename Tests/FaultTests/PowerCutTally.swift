/// What a run of cuts has checked.
struct PowerCutTally: Sendable, CustomStringConvertible {
    private(set) var cutsByKind: [PowerCutVolume.Kind: Int] = [:]
    private(set) var acknowledged = 0
    private(set) var heard = 0
    private(set) var lost = 0

    var cuts: Int { cutsByKind.values.reduce(0, +) }

    mutating func add(_ plan: PowerCutPlan, _ ledger: PowerCutLedger.Record, lost: Int) {
        cutsByKind[plan.kind, default: 0] += 1
        acknowledged += ledger.acknowledged.count
        heard += ledger.heard.count { !$0.isAfter } - ledger.past
        self.lost += lost
    }

    var description: String {
        let kinds = PowerCutVolume.Kind.allCases.map { "\($0.rawValue) \(cutsByKind[$0] ?? 0)" }.joined(separator: ", ")
        return "power cuts survived: \(cuts) (\(kinds)), acknowledged requests checked: \(acknowledged), lost: \(lost)"
            + ", webhooks checked: \(heard)"
    }
}
