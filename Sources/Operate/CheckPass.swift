internal import Files
internal import Spool
internal import SystemPackage
internal import Times

/// Looks at one entry of a spool after the other.
struct CheckPass: Sendable {
    let isServed: Bool
    private let spool: Spool
    private let requests: CheckRequests
    private let sidecars: CheckSidecars
    private let others: CheckOthers

    init(_ spool: Spool, isServed: Bool) {
        self.spool = spool
        self.isServed = isServed
        requests = CheckRequests(spool: spool)
        sidecars = CheckSidecars(spool: spool)
        others = CheckOthers(spool: spool, isServed: isServed)
    }

    /// What is wrong at an entry; nothing if it has gone.
    func findings(_ entry: CheckEntry) throws(Errno) -> [CheckFinding] {
        guard case .state(let state) = entry.place else { return try others.asideFinding(entry).map { [$0] } ?? [] }
        let name = CheckName(entry.name)
        switch name {
        case .request(let key): return try requests.findings(key, in: state)
        case .sidecar(let sidecar, let key): return try sidecars.findings(sidecar, key, in: state)
        case .conflict, .refused, .reason, .unfinished, .foreign:
            let findings = try others.findings(entry, name, in: state)
            if findings.isEmpty { return [] }
            return try spool.directory(state).status(entry.name) == nil ? [] : findings
        }
    }

    /// What writers left in tmp/ so long ago that nobody is coming back for it (Maildir's rule).
    static func tmpFindings(_ spool: Spool, now: Timestamp) -> [CheckFinding] {
        guard let scan = try? DirectoryScan(spool.tmp) else { return [] }
        let limit = now - .seconds(36 * 3600)
        var old = 0
        while let names = try? scan.next(512), !names.isEmpty {
            for name in names {
                guard let status = try? spool.tmp.status(name), status.modified < limit else { continue }
                old += 1
            }
        }
        if old == 0 { return [] }
        let files = old == 1 ? "1 file is" : "\(old) files are"
        return [
            CheckFinding(
                .info, "old_tmp", "tmp/", "\(files) older than 36 h: their writers did not finish.",
                advice: "The daemon removes them.")
        ]
    }
}
