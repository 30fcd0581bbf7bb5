/// A directory of the spool, as far as who may use it goes.
struct CheckFolder: Equatable {
    /// Relative to the spool.
    let name: String
    /// The permission bits of its mode.
    let mode: UInt32
    /// Whether this user may list it, enter it, and create files in it.
    let isUsable: Bool

    /// Where producers and people put files, so that a wider circle may write there.
    private var isDoor: Bool { name == "incoming" || name == "tmp" }
    private var isWritableByAll: Bool { mode & 0o002 != 0 }
    /// Then only its owner may remove or rename a file in it (`chmod(2)`, `S_ISVTX`).
    private var isSticky: Bool { mode & 0o1000 != 0 }

    /// What is wrong with the directories of a spool: said once, if this user has no right to any of them.
    static func findings(_ folders: [CheckFolder]) -> [CheckFinding] {
        guard folders.contains(where: \.isUsable) else { return [.notUsable(".", "the directories of this spool")] }
        return folders.flatMap(\.findings)
    }

    var findings: [CheckFinding] {
        var findings: [CheckFinding] = []
        if !isUsable { findings.append(.notUsable(name + "/", "this directory")) }
        guard isWritableByAll else { return findings }
        if isDoor {
            findings.append(
                CheckFinding(
                    isSticky ? .info : .warning, "world_writable", name + "/",
                    "Every user of this machine may put files here"
                        + (isSticky ? "." : ", and remove or replace those of others."),
                    advice: isSticky
                        ? "If that is not wanted, give the directory a group of the producers and mode 2770."
                        : "Give the directory a group of the producers and mode 2770, or set its sticky bit (1777)."))
        } else {
            findings.append(
                CheckFinding(
                    .error, "world_writable", name + "/",
                    "Every user of this machine may write here, and so forge or remove what Billhook recorded.",
                    advice: "Take the right away: chmod o-w."))
        }
        return findings
    }
}

extension CheckFinding {
    fileprivate static func notUsable(_ path: String, _ what: String) -> CheckFinding {
        CheckFinding(
            .error, "not_usable", path,
            "This user may not list, enter and write \(what), so a daemon of this user can't serve the spool.",
            advice: "Give this user the right (chown, or chmod u+rwx), or check as the user that serves the spool.")
    }
}
