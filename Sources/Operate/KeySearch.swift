internal import Files
public import Spool
internal import SystemPackage

/// Makes out which key a person means.
public struct KeySearch: Sendable {
    private let spool: Spool

    /// The most names that are read in each directory to find a similar key.
    private static let maximumNames = 50_000

    public init(_ spool: Spool) {
        self.spool = spool
    }

    /// The key that an argument names: the key itself, or a path or a file name as `ls` shows them, those of its sidecars
    /// and conflicts included.
    ///
    /// - Throws: `OperateError` of kind `data` if it is none of them.
    public static func key(_ argument: String) throws(OperateError) -> Key {
        let name = argument.split(separator: "/").last.map(String.init) ?? argument
        switch DropName(name) {
        case .request(let key), .conflict(let key): return key
        case .sidecar:
            if let key = SidecarName(name)?.key { return key }
            throw OperateError(.data, "'\(DropName.escaped(Array(name.utf8)))' is no key: it is the name of a sidecar.")
        case .unfinished, .refused:
            if let key = Key(stem: name) { return key }
            if case .conflict(let key) = DropName(name + ".json") { return key }
            let objection = Key.objection(to: name) ?? "it is no key"
            throw OperateError(
                .data,
                "'\(DropName.escaped(Array(name.utf8)))' can't be a key: \(objection). A key is a request's file name without"
                    + " .json.")
        }
    }

    /// The error that says a key is unknown, and names what comes near it.
    public func unknown(_ key: Key) -> OperateError {
        let near = similar(to: key)
        let hint =
            near.isEmpty
            ? "Look with '\(spool.commands.billhook("status"))', or with ls in \(spool.path)."
            : "Did you mean \(near.joined(separator: ", "))?"
        return OperateError(.noInput, "There is no request with the key \(key) in \(spool.path). \(hint)")
    }

    /// Up to three keys that differ in capitals only, or contain the key, or are contained in it.
    private func similar(to key: Key) -> [String] {
        let wanted = key.name.lowercased()
        var found: Set<String> = []
        for state in State.allCases {
            guard let scan = try? DirectoryScan(spool.directory(state)) else { continue }
            var seen = 0
            while seen < KeySearch.maximumNames, found.count < 3, let names = try? scan.next(1024) {
                seen += names.count
                for name in names {
                    guard case .request(let other) = DropName(name), found.count < 3 else { continue }
                    let folded = other.name.lowercased()
                    if folded.contains(wanted) || (folded.utf8.count >= 3 && wanted.contains(folded)) {
                        found.insert(other.name)
                    }
                }
                if names.count < 1024 { break }
            }
        }
        return found.sorted()
    }
}
