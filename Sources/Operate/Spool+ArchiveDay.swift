internal import Files
internal import Spool
internal import SystemPackage

extension Spool {
    /// The latest day under which it was archived.
    func archiveDay(of key: Key) throws(Errno) -> String? {
        let days = try archive.names().map { String(decoding: $0, as: UTF8.self) }
        for day in days.sorted(by: >) {
            if let folder = try? archive.directory(day), try folder.contains(key.fileName) { return day }
        }
        return nil
    }
}
