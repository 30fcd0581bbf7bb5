internal import Times

extension Roster {
    /// The wall clock was set: those whose file is gone have been without it for as long as before.
    public mutating func shift(by shift: Duration) {
        for (name, member) in members {
            guard let since = member.goneSince else { continue }
            members[name]?.goneSince = since + shift
        }
        reckonGone()
    }
}
