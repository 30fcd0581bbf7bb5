/// What is done to a run, and when.
struct Fault: Sendable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        /// SIGKILL as the call is entered, before it is performed.
        case kill
        /// The call is not performed and fails with this.
        case error(String)
    }

    /// Where it strikes: the call's n-th occurrence in a thread, counted from 1.
    let call: String
    let occurrence: Int
    let kind: Kind

    /// For strace's `--inject`.
    var injection: String {
        switch kind {
        case .kill: "\(call):signal=SIGKILL:when=\(occurrence)"
        case .error(let name): "\(call):error=\(name):when=\(occurrence)"
        }
    }

    var description: String {
        switch kind {
        case .kill: "SIGKILL before \(call) number \(occurrence)"
        case .error(let name): "\(name) from \(call) number \(occurrence)"
        }
    }
}

/// Under what a walk is made.
struct World: Sendable, Hashable, CustomStringConvertible {
    var durability = "process"
    /// Whether there are subscriptions.
    var isHeard = true
    /// Whether the file system knows RENAME_NOREPLACE; one that does not takes linkat and unlinkat.
    var renamesWithoutReplacing = true

    static let all = [
        World(durability: "process"), World(durability: "full"), World(isHeard: false),
        World(renamesWithoutReplacing: false),
    ]

    var description: String {
        "durability \(durability)" + (isHeard ? "" : ", no subscriptions")
            + (renamesWithoutReplacing ? "" : ", no RENAME_NOREPLACE")
    }
}
