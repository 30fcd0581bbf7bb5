/// The kernel's limits on inotify (`inotify(7)`); `nil` for one that can't be read.
public struct CheckLimits: Sendable, Equatable {
    public let watches: Int?
    public let instances: Int?
    public let queuedEvents: Int?

    var findings: [CheckFinding] {
        [
            CheckLimits.finding("max_user_watches", watches, least: 128, "how many directories a user can watch"),
            CheckLimits.finding("max_user_instances", instances, least: 16, "how many programs of a user can watch"),
            CheckLimits.finding(
                "max_queued_events", queuedEvents, least: 4096,
                "how many drops may come in a burst before events are lost and the directory is read anew"),
        ].compactMap { $0 }
    }

    private static func finding(_ name: String, _ value: Int?, least: Int, _ meaning: String) -> CheckFinding? {
        guard let value, value < least else { return nil }
        return CheckFinding(
            .warning, "inotify_limit", "/proc/sys/fs/inotify/\(name)",
            "The kernel's limit is \(value), which is little; it says \(meaning).",
            advice: "Raise it: sysctl fs.inotify.\(name)=\(least * 8).")
    }
}
