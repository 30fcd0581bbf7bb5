/// Findings, the first of them listed and all of them counted, so that a spool full of trouble costs little memory.
public struct CheckList: Sendable {
    public private(set) var listed: [CheckFinding] = []
    private var counts: [CheckFinding.Level: Int] = [:]
    public private(set) var repairable = 0

    /// How many there are in all.
    public var count: Int { counts.values.reduce(0, +) }

    public func count(_ level: CheckFinding.Level) -> Int { counts[level] ?? 0 }

    mutating func add(_ finding: CheckFinding) {
        counts[finding.level, default: 0] += 1
        if finding.isRepairable { repairable += 1 }
        if listed.count < CheckReport.maximumListed { listed.append(finding) }
    }

    /// Forgets those of the listed that do not stand a second look.
    mutating func keep(_ isRight: (CheckFinding) throws -> Bool) rethrows {
        var kept: [CheckFinding] = []
        for finding in listed {
            if try isRight(finding) {
                kept.append(finding)
            } else {
                counts[finding.level, default: 0] -= 1
                if finding.isRepairable { repairable -= 1 }
            }
        }
        listed = kept
    }
}
