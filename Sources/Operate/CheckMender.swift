internal import Files
internal import Hashing
internal import Spool
internal import SystemPackage
internal import Times

/// Performs repairs. It looks again at what it is about to remove or move, since people move files at any moment.
struct CheckMender {
    let spool: Spool
    let now: Timestamp
    private var commit = Commit(.full)
    private var days: Set<String> = []

    init(_ spool: Spool, now: Timestamp) {
        self.spool = spool
        self.now = now
    }

    /// Repairs one finding. Returns `false` if what was found has changed meanwhile, and so nothing was done.
    mutating func mend(_ repair: CheckRepair) throws(Errno) -> Bool {
        switch repair {
        case .removeTwin(let name, let state, let kept):
            try removeTwin(name, from: state, of: spool.directory(kept), name)
        case .removeArchivedTwin(let name, let state, let day, let archivedName):
            try removeTwin(name, from: state, of: spool.archive.directory(day), archivedName)
        case .join(let sidecar, let key, let state, let target):
            try join(sidecar, key, from: state, to: target)
        case .archive(let name, let state):
            try archive(name, from: state)
        case .followToArchive(let key, let day, let mark):
            try follow(key, day: day, mark: mark)
        case .closeLine(let name, let state):
            try closeLine(of: name, in: spool.directory(state))
        }
    }

    /// Makes the repairs durable.
    mutating func flush() throws(Errno) {
        try commit.flush(spool)
        if days.isEmpty { return }
        for day in days { try spool.archive.directory(day).sync() }
        try spool.archive.sync()
        days.removeAll()
    }

    private mutating func removeTwin(
        _ name: String, from state: State, of kept: Directory, _ keptName: String
    ) throws(Errno) -> Bool {
        guard let found = try spool.directory(state).status(name),
            try kept.status(keptName)?.identity == found.identity
        else { return false }
        // The name that stays must be durable before the other one goes.
        try kept.sync()
        commit.add(state)
        guard state == .incoming else { return try spool.directory(state).remove(name) }
        return try removeFromIncoming(name, found.identity)
    }

    /// A producer may rename a new file over the name between a look and a removal: it is taken where no producer can,
    /// looked at again, and what is another file goes back, or stays in aside/, where the daemon finds it.
    private func removeFromIncoming(_ name: String, _ identity: FileIdentity) throws(Errno) -> Bool {
        let aside = "\(name)~\(ContentHash.short(Array("\(name) \(now.nanoseconds) check".utf8)))"
        guard try spool.incoming.move(name, to: spool.aside, as: aside) else { return false }
        if try spool.aside.status(aside)?.identity == identity { return try spool.aside.remove(aside) }
        _ = try spool.aside.move(aside, to: spool.incoming, as: name)
        return false
    }

    private mutating func join(
        _ sidecar: Sidecar, _ key: Key, from state: State, to target: State
    ) throws(Errno) -> Bool {
        let name = sidecar.fileName(key)
        guard try spool.directory(target).contains(key.fileName), try !spool.directory(state).contains(key.fileName),
            try spool.directory(state).contains(name)
        else { return false }
        commit.add(state)
        commit.add(target)
        return try spool.directory(state).move(name, to: spool.directory(target), as: name)
    }

    private mutating func archive(_ name: String, from state: State) throws(Errno) -> Bool {
        guard try spool.directory(state).contains(name) else { return false }
        try spool.archive(name, from: state, now: now)
        commit.add(state)
        days.insert(now.day)
        return true
    }

    private mutating func follow(_ key: Key, day: String, mark: String) throws(Errno) -> Bool {
        guard try !spool.done.contains(key.fileName) else { return false }
        let isMoved = try spool.archive(key, from: .done, day: day, mark: mark)
        commit.add(.done)
        days.insert(day)
        return isMoved
    }

    /// Its time stays as it was: it is the schedule of the next attempt. A crash before that is set makes the attempt come
    /// early, not late.
    private mutating func closeLine(of name: String, in directory: Directory) throws(Errno) -> Bool {
        guard let content = try directory.read(name), CheckAttempts(content).isTorn,
            let status = try directory.status(name)
        else { return false }
        let file = try File.appending(name, in: directory)
        try file.write([UInt8(ascii: "\n")])
        try file.setModified(status.modified)
        commit.add(file)
        return true
    }
}
