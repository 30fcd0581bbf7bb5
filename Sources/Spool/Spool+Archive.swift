public import Files
internal import Hashing
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
        try archive.makeOfItsOwner(day)
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

    /// What tells apart the requests of one key that are archived on one day.
    public static func archiveMark(invoiceID: String) -> String {
        ContentHash.short(Array(invoiceID.utf8))
    }

    /// Where in the archive a request stands whose sidecars a crash has kept from following it; `nil` if there is none.
    ///
    /// The parameters are those of ``archive(_:from:day:mark:)``.
    public func interruptedArchive(
        of key: Key, day: String, mark: String
    ) throws(Errno) -> (folder: Directory, name: String)? {
        do throws(Errno) {
            let folder = try archive.directory(day)
            return try abandoned(key, mark, in: folder).map { (folder, $0) }
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    /// The name in a folder of a request whose `.invoice` is not beside it.
    private func abandoned(_ key: Key, _ mark: String, in folder: Directory) throws(Errno) -> String? {
        for name in ["\(key.name).\(mark).json", key.fileName.text] where try folder.contains(name) {
            if try !folder.contains("\(name).\(Sidecar.invoice.rawValue)") { return name }
        }
        return nil
    }

    /// The name that the request has in the folder, moved there now or before a crash.
    private func moveRequest(
        _ key: Key, from state: State, to folder: Directory, mark: String
    ) throws(Errno) -> String? {
        let names = [key.fileName.text, "\(key.name).\(mark).json"]
        do throws(Errno) {
            for name in names where try directory(state).move(key.fileName, to: folder, as: name) { return name }
            throw .fileExists
        } catch .noSuchFileOrDirectory {
            return try abandoned(key, mark, in: folder)
        }
    }
}
