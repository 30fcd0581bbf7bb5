public import Files
internal import Hashing
public import SystemPackage
public import Times

extension Spool {
    /// Where a sidecar stands: looked for where people leave it behind when they move a request, in this order.
    ///
    /// incoming/ comes last: anybody may write there, so what is found there is believed only after a check.
    public static let sidecarStates: [State] = [.processing, .done, .dead, .hold, .incoming]

    /// The state directory in which a sidecar of a key stands, if any.
    ///
    /// An `.invoice` that is not written yet is none; see ``hasUnwrittenInvoice(_:)``.
    public func state(of sidecar: Sidecar, _ key: Key, in states: [State] = sidecarStates) throws(Errno) -> State? {
        let name = sidecar.fileName(key)
        for state in states where try directory(state).contains(name) {
            if sidecar == .invoice, state == .processing, try hasUnwrittenInvoice(key) { continue }
            return state
        }
        return nil
    }

    /// Whether the `.invoice` of a key in processing/ is empty: it is made for a claim, and stays empty if a crash cuts that off.
    /// It makes nothing a request that was processed, and takes no key.
    public func hasUnwrittenInvoice(_ key: Key) throws(Errno) -> Bool {
        try processing.status(Sidecar.invoice.fileName(key))?.size == 0
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
            try archive(name.text, from: target, now: now)
            return try directory(state).move(name, to: directory(target), as: name)
        } catch .noSuchFileOrDirectory {
            return false
        }
    }

    /// Removes the other names of a sidecar that stands in a state: what a crash between `link` and `unlink` leaves of a
    /// move to there.
    public func removeOtherNames(of sidecar: Sidecar, _ key: Key, in state: State) throws(Errno) {
        let name = sidecar.fileName(key)
        for other in Spool.sidecarStates where other != state {
            if try isOneFile(name, in: other, and: state) { try directory(other).remove(name) }
        }
    }

    /// Whether a name stands in two directories as one file: what a crash between `link` and `unlink` leaves.
    public func isOneFile(_ name: some FileNaming, in a: State, and b: State) throws(Errno) -> Bool {
        try directory(a).isSame(name, as: name, in: directory(b))
    }

    /// Whether another request of the key than the one in processing/ stands in a state (restored from the archive, say):
    /// the sidecars there are its own.
    public func hasAnother(_ key: Key, in state: State) throws(Errno) -> Bool {
        guard try directory(state).contains(key.fileName) else { return false }
        return try !isOneFile(key.fileName, in: .processing, and: state)
    }

    /// Moves a file to today's folder in the archive, under its name or, where that is taken, with a number before its
    /// first suffix.
    public func archive(_ name: String, from state: State, now: Timestamp) throws(Errno) {
        let folder = try archiveFolder(now)
        let stem = name.ranges(of: ".json").last.map { name[..<$0.lowerBound] } ?? name[...]
        var newName = name
        var attempt = 0
        while try !directory(state).move(name, to: folder, as: newName) {
            if try directory(state).isSame(name, as: newName, in: folder) {
                // A crash between `link` and `unlink` left it here, too.
                try directory(state).remove(name)
                return
            }
            let mark = ContentHash.short(Array("\(name) \(now.nanoseconds) \(attempt)".utf8))
            newName = "\(stem).\(mark)\(name[stem.endIndex...])"
            attempt += 1
        }
    }

    /// Moves a request to today's folder in the archive, its sidecars first. Where a name that one of them needs is taken
    /// there, all get the same mark before `.json`, so that they stay together.
    ///
    /// A crash in between is finished by the next call under the same names: the mark is of the request itself, and
    /// sidecars that wait in the folder for their request don't take its name.
    public func archive(_ key: Key, from state: State, now: Timestamp) throws(Errno) {
        let source = directory(state)
        guard let request = try source.status(key.fileName) else { return }
        let folder = try archiveFolder(now)
        let mark = ContentHash.short(
            Array("\(key.name) \(request.identity.inode) \(request.modified.nanoseconds)".utf8))
        let suffixes = Sidecar.allCases.map { ".json.\($0.rawValue)" } + [".json"]
        let marked = "\(key.name).\(mark)"
        var stem = key.name
        for suffix in suffixes where try source.isKept(from: folder, as: key.name + suffix) { stem = marked }
        for suffix in suffixes where try folder.contains(marked + suffix) { stem = marked }
        for suffix in suffixes where try source.contains(key.name + suffix) {
            if try source.move(key.name + suffix, to: folder, as: stem + suffix) { continue }
            guard try source.isSame(key.name + suffix, as: stem + suffix, in: folder) else { throw .fileExists }
            try source.remove(key.name + suffix)
        }
    }

    private func archiveFolder(_ now: Timestamp) throws(Errno) -> Directory {
        try archive.makeOfItsOwner(now.day)
        return try archive.directory(now.day)
    }
}

extension Directory {
    /// Whether a name here and one in another directory are one file: what a crash between `link` and `unlink` leaves.
    fileprivate func isSame(
        _ name: some FileNaming, as otherName: some FileNaming, in other: Directory
    ) throws(Errno) -> Bool {
        guard let first = try status(name), let second = try other.status(otherName) else { return false }
        return first.identity == second.identity
    }

    /// Whether a file here can't move to another directory under its name, since another file has it.
    fileprivate func isKept(from other: Directory, as name: String) throws(Errno) -> Bool {
        guard try contains(name), try other.contains(name) else { return false }
        return try !isSame(name, as: name, in: other)
    }
}
