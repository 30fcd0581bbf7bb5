internal import Files

extension DiskRoom {
    /// Below this share of what there is, it is told.
    private static let leastPercent: UInt64 = 5

    var findings: [CheckFinding] {
        var findings: [CheckFinding] = []
        let advice =
            "Make room: Billhook takes no requests while it can't write. 'billhook archive' empties done/, and what stands in"
            + " archive/ may be moved elsewhere."
        if DiskRoom.isShort(freeBytes, of: bytes) {
            findings.append(
                CheckFinding(
                    .warning, "little_space", ".",
                    "Only \(freeBytes >> 20) of \(bytes >> 20) MiB are free on this file system.",
                    advice: advice))
        }
        if DiskRoom.isShort(freeInodes, of: inodes) {
            findings.append(
                CheckFinding(
                    .warning, "few_inodes", ".",
                    "Only \(freeInodes) of \(inodes) inodes are free on this file system, and each file takes one.",
                    advice: advice))
        }
        return findings
    }

    private static func isShort(_ free: UInt64, of all: UInt64) -> Bool {
        all > 0 && Double(free) * 100 < Double(all) * Double(leastPercent)
    }
}
