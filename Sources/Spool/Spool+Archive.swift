internal import Files
public import SystemPackage

extension Spool {
    /// Moves a request and its sidecars from a state to a day's folder in the archive: the request first, since its key
    /// is free from then on, then what belongs to it.
    ///
    /// - Parameters:
    ///   - day: a UTC day, `2026-11-21`.
    ///   - mark: tells apart requests of one key that are archived on one day: where the name is taken, it is put before
    ///     `.json`. The same for the same request, so that a crash in between is finished under the same name.
    ///
    /// Returns `false` if neither the request nor one that it left sidecars of is to be found.
    public func archive(_ key: Key, from state: State, day: String, mark: String) throws(Errno) -> Bool {
        try archive.make(day)
        let folder = try archive.directory(day)
        guard let name = try moveRequest(key, from: state, to: folder, mark: mark) else { return false }
        for sidecar in Sidecar.allCases {
            do throws(Errno) {
                _ = try directory(state).move(
                    sidecar.fileName(key), to: folder, as: "\(name).\(sidecar.rawValue)")
            } catch .noSuchFileOrDirectory {
                continue
            }
        }
        return true
    }

    /// The name that the request has in the folder, moved there now or before a crash.
    private func moveRequest(
        _ key: Key, from state: State, to folder: Directory, mark: String
    ) throws(Errno) -> String? {
        let names = [key.fileName, "\(key.name).\(mark).json"]
        do throws(Errno) {
            for name in names where try directory(state).move(key.fileName, to: folder, as: name) { return name }
            throw .fileExists
        } catch .noSuchFileOrDirectory {
            for name in names.reversed() where try folder.contains(name) {
                if try !folder.contains("\(name).\(Sidecar.invoice.rawValue)") { return name }
            }
            return nil
        }
    }
}
