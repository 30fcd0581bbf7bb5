internal import Files
public import SystemPackage
public import Times

extension Spool {
    /// Where a sidecar stands: looked for where people leave it behind when they move a request, in this order.
    ///
    /// incoming/ comes last: anybody may write there, so what is found there is believed only after a check.
    public static let sidecarStates: [State] = [.processing, .done, .dead, .hold, .incoming]

    /// The state directory in which a sidecar of a key stands, if any.
    public func state(of sidecar: Sidecar, _ key: Key, in states: [State] = sidecarStates) throws(Errno) -> State? {
        let name = sidecar.fileName(key)
        for state in states where try directory(state).contains(name) { return state }
        return nil
    }

    /// The state in which a key's request stands, incoming/ left out.
    public func stateOfRequest(_ key: Key, in states: [State] = State.taking) throws(Errno) -> State? {
        for state in states where try directory(state).contains(key.fileName) { return state }
        return nil
    }

    public func read(_ sidecar: Sidecar, _ key: Key, in state: State) throws(Errno) -> [UInt8]? {
        try directory(state).read(sidecar.fileName(key))
    }

    /// Moves a sidecar to where its request is going. A name that is taken there belongs to an earlier request whose
    /// own file somebody removed: that one goes to the archive, and nothing is overwritten.
    ///
    /// Returns `false` if the sidecar has gone from `state`.
    @discardableResult
    public func bring(
        _ sidecar: Sidecar, _ key: Key, from state: State, to target: State, now: Timestamp
    ) throws(Errno) -> Bool {
        let name = sidecar.fileName(key)
        do throws(Errno) {
            if try directory(state).move(name, to: directory(target), as: name) { return true }
            if try isOneFile(name, in: state, and: target) { return try directory(state).remove(name) }
            try archive(name, from: target, now: now)
            return try directory(state).move(name, to: directory(target), as: name)
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// Whether a name stands in two directories as one file: what a crash between `link` and `unlink` leaves.
    public func isOneFile(_ name: String, in a: State, and b: State) throws(Errno) -> Bool {
        guard let first = try directory(a).status(name), let second = try directory(b).status(name) else {
            return false
        }
        return first.identity == second.identity
    }

    /// Moves a file to today's folder in the archive, under its name or, where that is taken, with a number before its
    /// first suffix.
    public func archive(_ name: String, from state: State, now: Timestamp) throws(Errno) {
        try archive.make(now.day)
        let folder = try archive.directory(now.day)
        if try directory(state).move(name, to: folder, as: name) { return }
        let mark = Fingerprint.short(Array("\(name) \(now.nanoseconds)".utf8))
        let stem = name.firstRange(of: ".json").map { name[..<$0.lowerBound] } ?? name[...]
        let other = "\(stem).\(mark)\(name[stem.endIndex...])"
        if try !directory(state).move(name, to: folder, as: other) { throw .fileExists }
    }
}
